import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { localValues, upstreamsOf } from './environment.ts';
import { secretNamesOf } from './house-workers.ts';
import { type Kept, keepRunning } from './keep-running.ts';
import { isOurs } from './secrets.ts';
import type { Simulator } from './simulator.ts';
import type { Start } from './stack.ts';
import { tlsOptionsOf, tlsTunnel } from './tls-tunnel.ts';
import { allowedNetwork } from './upstream-network.ts';
import { bundle, configOf, workerNames } from './workers.ts';
import { portsNextTo } from './worker-ports.ts';
import { startWorkerd, type Workerd } from './workerd.ts';
import { type Service, workerdConfig } from './workerd-config.ts';

export type Place = { readonly databaseUrl: string; readonly simulator: Simulator | null };
export type Workers = Kept<Workerd> & { readonly upstreams: Readonly<Record<string, string>> };

/** Bundles the workers, writes workerd's configuration, and keeps a workerd running. */
export async function startWorkers(start: Start, place: Place): Promise<Workers> {
  const { folder, options } = start;
  const ports = await portsNextTo(options.port);
  const services = await bundled(start);
  const values = localValues(options.environment, place.simulator?.urlOf ?? null);
  const known = services.flatMap(({ config }) => Object.entries(config.vars));
  const vars = Object.fromEntries(known.map(([name, value]) => [name, values[name] ?? value]));
  const secrets = secretsOf(services, values, start);

  const config = join(folder, 'workerd.capnp');
  const storageFolder = join(folder, 'objects');
  mkdirSync(join(storageFolder, 'blobs'), { recursive: true });
  const written = workerdConfig({
    services,
    vars,
    database: await reachable(new URL(place.databaseUrl), start.cleanUp),
    storageFolder,
    network: await allowedNetwork([
      ...Object.values(vars).map(String),
      ...Object.values(secrets),
      place.simulator?.url ?? '',
    ]),
  });
  writeFileSync(config, written, { mode: 0o600 });
  const kept = await keepRunning<Workerd>({
    name: 'workerd',
    folder,
    say: options.say,
    start: (previous, onSpawn) =>
      startWorkerd({
        config,
        ports: previous?.ports ?? ports,
        logFile: join(folder, 'logs', 'workers.log'),
        secrets,
        onLine: options.onWorkerLine ?? (() => undefined),
        onSpawn,
      }),
  });
  start.cleanUp.push(kept.stop);
  return { ...kept, upstreams: upstreamsOf({ ...vars, ...secrets }) };
}

async function reachable(database: URL, cleanUp: Start['cleanUp']): Promise<URL> {
  const options = tlsOptionsOf(database);
  if (options === null) return database;
  const tunnel = await tlsTunnel(database, options);
  cleanUp.push(tunnel.close);
  return tunnel.url;
}

async function bundled({ folder, options }: Start): Promise<readonly Service[]> {
  const modules = await Promise.all(
    workerNames.map(
      async (name) => options.standIns?.[name] ?? bundle(name, join(folder, 'bundles', name)),
    ),
  );
  return workerNames.map((name, index) => {
    const module = relative(folder, modules[index] ?? '');
    const config = configOf(name);
    const own = options.standIns?.[name] === undefined ? {} : options.standInVars;
    return { name, module, config: { ...config, vars: { ...config.vars, ...own } } };
  });
}

/** One that nobody has given stays away, as in a Secrets Store that does not hold it. */
function secretsOf(
  services: readonly Service[],
  values: Readonly<Record<string, string>>,
  { secretOf }: Start,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    secretNamesOf(services).flatMap((name) => {
      const secret = values[name] || (isOurs(name) ? secretOf(name) : null);
      return secret === null ? [] : [[name, secret] as const];
    }),
  );
}
