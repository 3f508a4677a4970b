import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { prepareDatabase } from '@gateway/db/migrate';
import { plant } from '@gateway/db/seed';
import {
  type Environment,
  localVars,
  upstreamsOf,
  needsSimulator,
  providerKey,
  SIMULATOR_KEY,
} from './environment.ts';
import { type Kept, keepRunning } from './keep-running.ts';
import { seedOf } from './people.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { endLeftovers, forget, isAlive, record, recorded } from './processes.ts';
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
  /** Where each provider's requests go. */
  readonly upstreams: Readonly<Record<string, string>>;
  /** Changes when one has been restarted. */
  readonly pids: () => { readonly workerd: number; readonly postgres: number | null };
  readonly stop: () => Promise<void>;
};

/** A start that can't go on, and why, in words for whoever started it. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

const DATABASE = 'gateway';

export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = resolve(options.folder);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  refuseSecondStack(folder);
  withdraw(folder);
  const left = await endLeftovers(folder);
  if (left.length > 0) options.say(`Ended what an earlier run had left: ${left.join(', ')}.`);
  record(folder, 'stack', process.pid);

  const secrets = secretBook(folder);
  const cleanUp: CleanUp = [];
  try {
    const database = await startDatabase({ ...options, folder }, secrets, cleanUp);
    const simulator = await maybeSimulator(options.environment);
    if (simulator) cleanUp.push(simulator.close);
    const place = { databaseUrl: database.url(), simulatorUrl: simulator?.url ?? null };
    const workers = await startWorkers({ ...options, ...place, folder }, secrets);
    cleanUp.push(workers.stop);

    const running: Running = {
      ...place,
      url: `http://127.0.0.1:${workers.current().port}`,
      pid: process.pid,
      tokens: await tokensOf(secretFrom(options.environment, secrets, 'NEXTAUTH_SECRET_PROD')),
    };
    announce(folder, running);
    return {
      ...running,
      simulator,
      upstreams: upstreamsOf(options.environment, place.simulatorUrl),
      pids: () => ({ workerd: workers.current().pid, postgres: database.pid() }),
      async stop() {
        withdraw(folder);
        await stopAll(cleanUp);
        forget(folder);
      },
    };
  } catch (cause) {
    await stopAll(cleanUp);
    forget(folder);
    throw cause;
  }
}

type CleanUp = (() => Promise<void>)[];

type Surrounded = StackOptions & {
  readonly databaseUrl: string;
  readonly simulatorUrl: string | null;
};

async function startWorkers(options: Surrounded, secrets: SecretBook): Promise<Kept<Workerd>> {
  const { folder, environment } = options;
  const modules = await Promise.all(
    workerNames.map((name) => bundle(name, join(folder, 'bundles', name))),
  );
  const services = workerNames.map((name, index): Service => {
    const module = relative(folder, modules[index] ?? '');
    return { name, module, config: configOf(name) };
  });
  const storageFolder = join(folder, 'objects');
  mkdirSync(storageFolder, { recursive: true });
  const config = join(folder, 'workerd.capnp');
  const vars = localVars(environment, options.simulatorUrl);
  const database = new URL(options.databaseUrl);
  writeFileSync(config, workerdConfig({ services, vars, database, storageFolder }), {
    mode: 0o600,
  });
  const names = services.flatMap((service) => service.config.secrets_store_secrets);
  return keepRunning<Workerd>({
    name: 'workerd',
    folder,
    say: options.say,
    start: (previous, onSpawn) =>
      startWorkerd({
        config,
        onSpawn,
        port: previous?.port ?? options.port,
        logFile: join(folder, 'logs', 'workers.log'),
        secrets: Object.fromEntries(
          names.map(({ secret_name: name }) => [name, secretFrom(environment, secrets, name)]),
        ),
        onLine: options.onWorkerLine ?? (() => undefined),
      }),
  });
}

const secretFrom = (environment: Environment, secrets: SecretBook, name: string): string =>
  environment[name] ?? providerKey(environment, name) ?? secrets.get(name);

/** The last thing that was started is the first to end: workers settle while Postgres is still there. */
async function stopAll(cleanUp: CleanUp): Promise<void> {
  for (const step of cleanUp.toReversed()) {
    try {
      await step();
    } catch (cause) {
      // The others must end all the same.
      console.error(cause);
    }
  }
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
  cleanUp: CleanUp,
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
  cleanUp: CleanUp,
): Promise<DatabaseHandle> {
  const password = secrets.get('POSTGRES_PASSWORD');
  const server = await keepRunning<Postgres>({
    name: 'postgres',
    folder,
    say,
    start: (previous, onSpawn) =>
      startPostgres({
        folder: join(folder, 'postgres'),
        onSpawn,
        password,
        ...(previous && { port: previous.port }),
        isDurable,
      }),
  });
  cleanUp.push(server.stop);
  await server.current().createDatabase(DATABASE);
  return { url: () => server.current().urlOf(DATABASE), pid: () => server.current().pid };
}
