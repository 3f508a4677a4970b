import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unstable_readConfig as readConfig } from 'wrangler';
import { configFile, type WorkerName, workerNames } from '../../workerd/workers.ts';
import { runWrangler } from '../../workerd/wrangler.ts';
import { type DeployedWorker, Deployment } from './deployed-worker.ts';
import { hasCurrentTypes } from './generated-types.ts';
import { cachingOf } from './hyperdrive-caching.ts';
import { moduleShapeOf } from './module-shape.ts';
import { namesInFolder } from './named-bindings.ts';
import { startUpMsOf } from './start-up.ts';

/** Deploys all workers to a folder, and to nowhere else, and looks at what would have been sent. */
export async function deployedWorkers(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly DeployedWorker[]> {
  const workers: DeployedWorker[] = [];
  // One after the other: each is measured.
  for (const name of workerNames) workers.push(await deployedWorker(name, folder, environment));
  return workers;
}

async function deployedWorker(
  name: WorkerName,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DeployedWorker> {
  const config = configFile(name);
  const deployment = Deployment.parse(readConfig({ config }, { hideWarnings: true }));
  const output = join(folder, name);
  const upload = join(folder, `${name}.bundle`);
  const dry = ['deploy', '--dry-run', '--outdir', output, '--outfile', upload];
  await runWrangler([...dry, '--config', config]);
  const module = join(output, 'index.js');
  const code = readFileSync(module);
  return {
    deployment,
    shape: await moduleShapeOf({ name, module }, deployment, folder),
    bytes: code.byteLength,
    gzipBytes: gzipSync(code).byteLength,
    startUpMs: await startUpMsOf(upload, folder),
    ...namesInFolder(join(dirname(config), 'src')),
    hasCurrentTypes: await hasCurrentTypes(name, output),
    environment,
    caching: await cachingOf(deployment.hyperdrive[0]?.id, environment),
  };
}
