import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unstable_readConfig as readConfig, type Unstable_Config as Config } from 'wrangler';

// The workers as they are deployed: their configuration and their bundles come from wrangler.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const run = promisify(execFile);

/** The first one answers on the public socket. */
export const workerNames = ['llm-gateway', 'o11y'] as const;
export type WorkerName = (typeof workerNames)[number];

export type WorkerConfig = Pick<
  Config,
  | 'compatibility_date'
  | 'compatibility_flags'
  | 'vars'
  | 'hyperdrive'
  | 'secrets_store_secrets'
  | 'services'
  | 'durable_objects'
  | 'migrations'
  | 'analytics_engine_datasets'
>;

const configFile = (name: WorkerName): string => join(root, 'workers', name, 'wrangler.jsonc');

export const configOf = (name: WorkerName): WorkerConfig =>
  readConfig({ config: configFile(name) }, { hideWarnings: true });

/** Bundles a worker into `folder`, unless that already holds a bundle of the same sources. Returns the module's path. */
export async function bundle(name: WorkerName, folder: string): Promise<string> {
  const module = join(folder, 'index.js');
  const stamp = join(folder, 'sources.sha256');
  const sources = digestOf(['package-lock.json', `workers/${name}`, 'packages']);
  if (existsSync(module) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) {
    return module;
  }
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  await run(
    process.execPath,
    [wrangler, 'deploy', '--dry-run', '--outdir', folder, '--config', configFile(name)],
    { cwd: root, env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' } },
  );
  writeFileSync(stamp, sources);
  return module;
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
  return hash.digest('hex');
}
