import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CannotStart } from './cannot-start.ts';
import { readWorkerConfig, type WorkerConfig } from './worker-config.ts';

// The workers as they are deployed: their configuration and their bundles come from wrangler.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const cache = join(root, 'node_modules', '.cache');
const run = promisify(execFile);

export const workerNames = ['llm-gateway', 'o11y', 'session-ingest'] as const;
export type WorkerName = (typeof workerNames)[number];

const configFile = (name: WorkerName): string => join(root, 'workers', name, 'wrangler.jsonc');

export const configOf = (name: WorkerName): WorkerConfig => readWorkerConfig(configFile(name));

/**
 * Bundles a worker into `folder`, or takes the bundle of the same sources that was made before. Returns the module's path.
 * @param main another entry than the worker's own, in a folder with whatever else it brings: for tests.
 */
export async function bundle(name: WorkerName, folder: string, main?: string): Promise<string> {
  const own = main === undefined ? [] : [dirname(main)];
  const digest = digestOf(['package-lock.json', `workers/${name}`, 'packages', ...own]);
  const cached = join(cache, 'bundles', `${name}-${digest}`);
  if (!existsSync(cached)) await build(name, cached, main);
  mkdirSync(folder, { recursive: true });
  const module = join(folder, 'index.js');
  // Named by wrangler after the entry.
  copyFileSync(join(cached, `${basename(main ?? 'index.ts', '.ts')}.js`), module);
  return module;
}

/** Appears whole or not at all: two stacks may start at once. */
async function build(name: WorkerName, folder: string, main?: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    const entry = main === undefined ? [] : [join(root, main)];
    const command = ['deploy', ...entry, '--dry-run', '--outdir', draft];
    await runWrangler([...command, '--config', configFile(name)]);
    renameSync(draft, folder);
  } catch (cause) {
    // Another start was first: its bundle is of the same sources.
    if (!existsSync(folder)) throw cause;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function runWrangler(args: readonly string[]): Promise<void> {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  // It asks nobody, tells nobody, and writes nothing outside of this folder.
  const quiet = {
    CI: '1',
    FORCE_COLOR: '0',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_LOG_PATH: join(cache, 'wrangler.log'),
    XDG_CONFIG_HOME: join(cache, 'config'),
  };
  try {
    await run(process.execPath, [wrangler, ...args], {
      cwd: root,
      env: { ...process.env, ...quiet },
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new CannotStart(`A worker could not be bundled.\n${said}`);
  }
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(root, path);
    const files = path.endsWith('.json')
      ? [full]
      : readdirSync(full, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
          .map((entry) => join(entry.parentPath, entry.name))
          .toSorted();
    for (const file of files) hash.update(file).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
