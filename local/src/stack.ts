import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareDatabase } from '@gateway/db/migrate';
import { plant } from '@gateway/db/seed';
import {
  type Environment,
  localVars,
  needsSimulator,
  providerKey,
  SIMULATOR_KEY,
} from './environment.ts';
import { seedOf } from './people.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { endLeftovers, isAlive, record, recorded } from './processes.ts';
import { announce, announced, type Running, withdraw } from './running.ts';
import { type SecretBook, secretBook } from './secrets.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { tokensOf } from './tokens.ts';
import { bundle, configOf, workerNames } from './workers.ts';
import { startWorkerd, type Workerd } from './workerd.ts';
import { type Service, workerdConfig } from './workerd-config.ts';

export type StackOptions = {
  /** Holds everything that survives a restart. One stack at a time. */
  readonly folder: string;
  /** 0: the system picks one. */
  readonly port: number;
  readonly environment: Environment;
  /** An existing Postgres, instead of the embedded one. */
  readonly databaseUrl?: string;
  /** Without it, a crash of the machine may lose rows: for tests. */
  readonly isDurable: boolean;
  readonly say: (line: string) => void;
  /** Hears each line that a worker logs. */
  readonly onWorkerLine?: (line: string) => void;
};

export type Stack = Running & {
  readonly simulator: Simulator | null;
  readonly secrets: SecretBook;
  /** Changes when one has been restarted. */
  readonly pids: () => { readonly workerd: number; readonly postgres: number | null };
  readonly stop: () => Promise<void>;
};

/** A start that can't go on, and why, in words for whoever started it. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

const DATABASE = 'gateway';
const RESTART_PAUSE_MS = 500;

export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = resolve(options.folder);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  refuseSecondStack(folder);
  withdraw(folder);
  const left = await endLeftovers(folder);
  if (left.length > 0) options.say(`Ended what an earlier run had left: ${left.join(', ')}.`);
  record(folder, 'stack', process.pid);

  const secrets = secretBook(folder);
  const bundling = Promise.all(
    workerNames.map((name) => bundle(name, join(folder, 'bundles', name))),
  );
  const cleanUp: (() => Promise<void>)[] = [];
  try {
    const database = await startDatabase({ ...options, folder }, secrets, cleanUp);
    const simulator = await maybeSimulator(options.environment);
    if (simulator) cleanUp.push(simulator.close);
    const modules = await bundling;
    const config = join(folder, 'workerd.capnp');
    const services = workerNames.map((name, index): Service => {
      const module = relative(folder, modules[index] ?? '');
      return { name, module, config: configOf(name) };
    });
    const secretNames = services.flatMap((service) =>
      service.config.secrets_store_secrets.map(({ secret_name: name }) => name),
    );
    const vars = localVars(options.environment, simulator?.url ?? null);
    mkdirSync(join(folder, 'objects'), { recursive: true });
    const capnp = workerdConfig({
      services,
      vars,
      secretVariable: (name) => name,
      database: new URL(database.url()),
      storageFolder: join(folder, 'objects'),
    });
    writeFileSync(config, capnp, { mode: 0o600 });
    const workers = await keepRunning<Workerd>({
      name: 'workerd',
      folder,
      say: options.say,
      start: (previous) =>
        startWorkerd({
          config,
          port: previous?.port ?? options.port,
          logFile: join(folder, 'logs', 'workers.log'),
          secrets: Object.fromEntries(
            secretNames.map((name) => [
              name,
              providerKey(options.environment, name) ??
                options.environment[name] ??
                secrets.get(name),
            ]),
          ),
          onLine: options.onWorkerLine ?? (() => undefined),
        }),
    });
    cleanUp.push(workers.stop);

    const running: Running = {
      url: `http://127.0.0.1:${workers.current().port}`,
      databaseUrl: database.url(),
      simulatorUrl: simulator?.url ?? null,
      pid: process.pid,
      tokens: await tokensOf(
        options.environment['NEXTAUTH_SECRET_PROD'] ?? secrets.get('NEXTAUTH_SECRET_PROD'),
      ),
    };
    announce(folder, running);
    const stop = async () => {
      withdraw(folder);
      await stopAll(cleanUp);
      await endLeftovers(folder).catch(() => undefined);
    };
    return {
      ...running,
      simulator,
      secrets,
      pids: () => ({ workerd: workers.current().pid, postgres: database.pid() }),
      stop,
    };
  } catch (cause) {
    await bundling.catch(() => undefined);
    await stopAll(cleanUp);
    throw cause;
  }
}

/** The last thing that was started is the first to end: workers settle while Postgres is still there. */
async function stopAll(cleanUp: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of cleanUp.toReversed()) await step();
}

function refuseSecondStack(folder: string): void {
  const running = announced(folder);
  const owner = recorded(folder).find(({ name }) => name === 'stack');
  if (
    running &&
    owner &&
    owner.pid === running.pid &&
    owner.pid !== process.pid &&
    isAlive(owner)
  ) {
    throw new CannotStart(
      `A stack is already running at ${running.url} (pid ${running.pid}). For a second one, set PORT and LOCAL_DIRECTORY.`,
    );
  }
}

const maybeSimulator = async (environment: Environment): Promise<Simulator | null> =>
  needsSimulator(environment) ? startSimulator({ apiKey: SIMULATOR_KEY }) : null;

type DatabaseHandle = { readonly url: () => string; readonly pid: () => number | null };

async function startDatabase(
  options: StackOptions,
  secrets: SecretBook,
  cleanUp: (() => Promise<void>)[],
): Promise<DatabaseHandle> {
  const database =
    options.databaseUrl === undefined
      ? await embedded(options, secrets, cleanUp)
      : { url: () => options.databaseUrl ?? '', pid: () => null };
  const prepared = await prepareDatabase(database.url());
  if (prepared.kind === 'different') {
    const list = prepared.differences.map((difference) => `  - ${difference}`).join('\n');
    throw new CannotStart(`The database differs from what the gateway needs:\n${list}`);
  }
  await plant(database.url(), seedOf(secrets.get('BYOK_ENCRYPTION_KEY')));
  return database;
}

async function embedded(
  { folder, isDurable, say }: StackOptions,
  secrets: SecretBook,
  cleanUp: (() => Promise<void>)[],
): Promise<DatabaseHandle> {
  const password = secrets.get('POSTGRES_PASSWORD');
  const server = await keepRunning<Postgres>({
    name: 'postgres',
    folder,
    say,
    start: (previous) =>
      startPostgres({
        folder: join(folder, 'postgres'),
        password,
        ...(previous && { port: previous.port }),
        isDurable,
      }),
  });
  cleanUp.push(server.stop);
  await server.current().createDatabase(DATABASE);
  return { url: () => server.current().urlOf(DATABASE), pid: () => server.current().pid };
}

type Kept<T> = { readonly current: () => T; readonly stop: () => Promise<void> };

/** Starts a process and starts it again, where it was, whenever it ends by itself. */
async function keepRunning<T extends Postgres | Workerd>(what: {
  readonly name: string;
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly start: (previous: T | null) => Promise<T>;
}): Promise<Kept<T>> {
  let isStopping = false;
  let current = await what.start(null);
  const watch = () => {
    record(what.folder, what.name, current.pid);
    current.process.once('exit', () => {
      if (!isStopping) void again();
    });
  };
  const again = async (): Promise<void> => {
    what.say(`${what.name} has ended by itself. Starting it again.`);
    await sleep(RESTART_PAUSE_MS);
    if (isStopping) return;
    try {
      current = await what.start(current);
      watch();
    } catch (cause) {
      what.say(`${what.name} could not be started again: ${String(cause)}`);
      await again();
    }
  };
  watch();
  return {
    current: () => current,
    stop: async () => {
      isStopping = true;
      await current.stop();
    },
  };
}
