import { createHash } from 'node:crypto';
import {
  chmodSync,
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
import { CannotStart } from '../cannot-start.ts';
import { root } from '../root.ts';
import { readWorkerConfig, type WorkerConfig } from './worker-config.ts';
import { cache, runWrangler, WranglerFailed } from './wrangler.ts';

// The workers as they are deployed: their configuration and their bundles come from wrangler.

export const workerNames = ['llm-gateway', 'o11y', 'session-ingest'] as const;
export type WorkerName = (typeof workerNames)[number];

export const configFile = (name: WorkerName): string =>
  join(root, 'workers', name, 'wrangler.jsonc');

export const configOf = (name: WorkerName): WorkerConfig => readWorkerConfig(configFile(name));

/**
 * Bundles a worker into `folder`, or takes the bundle of the same sources that was made before. Returns the module's path.
 * @param main another entry than the worker's own, in a folder with whatever else it brings: for tests.
 */
export async function bundle(name: WorkerName, folder: string, main?: string): Promise<string> {
  const own = main === undefined ? [] : [dirname(main)];
  const digest = digestOf(['package-lock.json', `workers/${name}`, 'packages', ...own]);
  // Wrangler names a bundle after its entry. Two of the same sources may have two.
  const entry = basename(main ?? 'index.ts', '.ts');
  const cached = join(cache, 'bundles', `${name}-${entry}-${digest}`);
  if (!existsSync(cached)) await build(name, cached, main);
  mkdirSync(folder, { recursive: true });
  const module = join(folder, 'index.js');
  copyFileSync(join(cached, `${entry}.js`), module);
  // A copy has the rights of its original, which others may read.
  chmodSync(module, 0o600);
  return module;
}

/** Appears whole or not at all: two stacks may start at once. */
async function build(name: WorkerName, folder: string, main?: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    const entry = main === undefined ? {} : { entry: join(root, main) };
    await runBundler({ config: configFile(name), folder: draft, ...entry });
    renameSync(draft, folder);
  } catch (cause) {
    // Another start was first: its bundle is of the same sources.
    if (!existsSync(folder)) throw bundleFailed(cause);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

type Bundling = {
  /** Wrangler's file of a worker: of this tree, or of another. */
  readonly config: string;
  /** Where the bundle goes, named after its entry. */
  readonly folder: string;
  /** Another one than the worker's own. */
  readonly entry?: string;
  readonly signal?: AbortSignal;
};

export async function runBundler({ config, folder, entry, signal }: Bundling): Promise<void> {
  const own = entry === undefined ? [] : [entry];
  await runWrangler(['deploy', ...own, '--dry-run', '--outdir', folder, '--config', config], {
    signal,
  });
}

const bundleFailed = (cause: unknown): unknown =>
  cause instanceof WranglerFailed
    ? new CannotStart(`A worker could not be bundled.\n${cause.message}`)
    : cause;

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
