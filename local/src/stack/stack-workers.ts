import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CannotStart } from '../cannot-start.ts';
import { DRAIN_SOCKET } from './drain.ts';
import { upstreamsOf } from './environment.ts';
import { secretNamesOf } from '../workerd/stub-workers.ts';
import { type Kept, keepRunning } from './keep-running.ts';
import { unfitSecrets } from './secrets.ts';
import { originsOf } from './outbound.ts';
import { tlsOptionsOf, tlsTunnel } from './tls-tunnel.ts';
import { allowedNetwork } from './upstream-network.ts';
import type { WorkerConfig } from '../workerd/worker-config.ts';
import { bundle, configOf, type WorkerName, workerNames } from '../workerd/workers.ts';
import { keepSwept, sweepClosed } from './sweep-objects.ts';
import { portsNextTo } from '../workerd/worker-ports.ts';
import { startWorkerd, type Workerd, type WorkerdOptions } from '../workerd/workerd.ts';
import { type Service, workerdConfig } from '../workerd/workerd-config.ts';

export type Place = {
  /** Absolute. */
  readonly folder: string;
  /** Of the gateway; the other workers listen next to it. 0: the system picks all of them. */
  readonly port: number;
  readonly databaseUrl: string;
  /** What differs from what is deployed, for variables and secrets alike. */
  readonly values: Readonly<Record<string, string>>;
  /** A secret that has no value. Null: it stays away, as in a Secrets Store that does not hold it. */
  readonly ownSecret: (name: string) => string | null;
  /** What the workers may reach besides what their values name. */
  readonly reachableUrls?: readonly string[];
  readonly say: (line: string) => void;
  /** Hears each line that a worker logs. */
  readonly onWorkerLine?: (line: string) => void;
  /** A module to run in a worker's place: what if that worker misbehaves? For tests. */
  readonly standIns?: Partial<Readonly<Record<WorkerName, string>>>;
  /** The configuration of a worker, where not this tree's: a module of another tree was written for that tree's. */
  readonly configs?: Partial<Readonly<Record<WorkerName, WorkerConfig>>>;
  /** Variables that only stand-ins know. */
  readonly standInVars?: Readonly<Record<string, string>>;
  readonly hosts?: WorkerdOptions['hosts'];
  readonly stopMsMax?: number;
  /** The one that is not told to end before it has done what goes on behind its answers. */
  readonly drained?: WorkerName;
};
type CleanUp = (() => Promise<void>)[];
export type Workers = Kept<Workerd> & { readonly upstreams: Readonly<Record<string, string>> };

/** Bundles the workers, writes workerd's configuration, and keeps a workerd running. */
export async function startWorkers(place: Place, cleanUp: CleanUp): Promise<Workers> {
  const { folder, values, hosts, stopMsMax } = place;
  const ports = {
    ...(await portsNextTo(place.port)),
    ...(place.drained && { [DRAIN_SOCKET]: 0 }),
  };
  const services = await bundled(place);
  const known = services.flatMap(({ config }) => Object.entries(config.vars));
  const vars = Object.fromEntries(known.map(([name, value]) => [name, values[name] ?? value]));
  const secrets = secretsOf(services, place);
  const unfit = unfitSecrets(secrets);
  if (unfit.length > 0) throw new CannotStart(unfit.join('\n'));

  const config = join(folder, 'workerd.capnp');
  const storageFolder = join(folder, 'objects');
  mkdirSync(join(storageFolder, 'blobs'), { recursive: true });
  const urls = [
    ...Object.values(vars).map(String),
    ...Object.values(secrets),
    ...(place.reachableUrls ?? []),
  ];
  const written = workerdConfig({
    services,
    vars,
    database: await reachable(new URL(place.databaseUrl), cleanUp),
    storageFolder,
    network: await allowedNetwork(urls),
    // In development an organisation's own model may be a program of this machine, at any port.
    configuredOrigins: vars['ENVIRONMENT'] === 'development' ? null : originsOf(urls),
  });
  writeFileSync(config, written, { mode: 0o600 });
  const kept = await keepRunning<Workerd>({
    name: 'workerd',
    folder,
    say: place.say,
    async start(previous, onSpawn) {
      // A workerd that was killed may have left a file aside that it had opened: its log belongs to it.
      await sweepClosed(storageFolder);
      return startWorkerd({
        config,
        ports: previous?.ports ?? ports,
        logFile: join(folder, 'logs', 'workers.log'),
        secrets,
        onLine: place.onWorkerLine ?? (() => undefined),
        ...(hosts && { hosts }),
        ...(stopMsMax !== undefined && { stopMsMax }),
        onSpawn,
      });
    },
  });
  const stopSweeping = keepSwept(storageFolder, { say: place.say });
  cleanUp.push(async () => {
    await Promise.all([stopSweeping(), kept.stop()]);
    await sweepClosed(storageFolder);
  });
  return { ...kept, upstreams: upstreamsOf({ ...vars, ...secrets }) };
}

async function reachable(database: URL, cleanUp: CleanUp): Promise<URL> {
  const options = tlsOptionsOf(database);
  if (options === null) return database;
  const tunnel = await tlsTunnel(database, options);
  cleanUp.push(tunnel.close);
  return tunnel.url;
}

async function bundled({
  folder,
  standIns,
  configs,
  standInVars,
  drained,
}: Place): Promise<readonly Service[]> {
  const modules = await Promise.all(
    workerNames.map(
      async (name) => standIns?.[name] ?? bundle(name, join(folder, 'bundles', name)),
    ),
  );
  return workerNames.map((name, index) => {
    const module = relative(folder, modules[index] ?? '');
    const config = configs?.[name] ?? configOf(name);
    const own = standIns?.[name] === undefined ? {} : standInVars;
    return {
      name,
      module,
      config: { ...config, vars: { ...config.vars, ...own } },
      isDrained: name === drained,
    };
  });
}

function secretsOf(
  services: readonly Service[],
  { values, ownSecret }: Place,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    secretNamesOf(services).flatMap((name) => {
      const secret = values[name] || ownSecret(name);
      return secret === null ? [] : [[name, secret] as const];
    }),
  );
}
