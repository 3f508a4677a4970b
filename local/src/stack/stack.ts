import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart } from '../cannot-start.ts';
import { type Environment, localValues, needsSimulator, SIMULATOR_KEY } from './environment.ts';
import { freePort } from './free-port.ts';
import { keepPort, lastPort } from './last-port.ts';
import { endLeftovers, forget, isAlive, record, recorded } from './processes.ts';
import { isRoot } from '../postgres/postgres-files.ts';
import { announce, announced, type Running, withdraw } from './running.ts';
import { isOurs, type SecretBook, secretBook } from './secrets.ts';
import { type Simulator, startSimulator } from '../simulator.ts';
import { startDatabase } from '../postgres/stack-database.ts';
import { type Place, startWorkers } from './stack-workers.ts';
import { stateFolder } from './state-folder.ts';
import { tokensOf } from './tokens.ts';

export type StackOptions = Pick<
  Place,
  'port' | 'say' | 'onWorkerLine' | 'standIns' | 'configs' | 'standInVars'
> & {
  /** Holds everything that survives a restart. One stack at a time. */
  readonly folder: string;
  readonly environment: Environment;
  /** An existing Postgres, instead of the embedded one. */
  readonly databaseUrl?: string;
  /** How the workers reach the database, once it is ready, where not as its owner does: for tests. */
  readonly workersDatabaseUrl?: (databaseUrl: string) => Promise<string>;
  /** Without it, a crash of the machine may lose rows: for tests. */
  readonly isDurable: boolean;
  /** Gives a start up. What has been started by then is ended. */
  readonly signal?: AbortSignal;
};

export type Stack = Running & {
  readonly simulator: Simulator | null;
  /** Where the requests of each provider go. */
  readonly upstreams: Readonly<Record<string, string>>;
  /** Changes when one has been restarted. */
  readonly pids: () => { readonly workerd: number; readonly postgres: number | null };
  /** Lets running requests end first. Resolves when the new one listens, on the same port. */
  readonly restartWorkerd: () => Promise<void>;
  /** Kills it as a crash would. Resolves when it is gone: it comes back by itself, and `pids` tells when. */
  readonly kill: (what: 'workerd' | 'postgres') => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What every part of a start needs. */
export type Start = {
  /** Absolute. */
  readonly folder: string;
  readonly options: StackOptions;
  readonly secrets: SecretBook;
  /** The operator's, else one that is made for this folder. */
  readonly secretOf: (name: string) => string;
  /** What ends what has been started. The last one goes first: workers settle while Postgres is still there. */
  readonly cleanUp: (() => Promise<void>)[];
};

export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = resolve(options.folder);
  // Postgres does not run as root: it runs as somebody else then, who must get to its own folder in here.
  stateFolder(folder, { isPassedThrough: isRoot && options.databaseUrl === undefined });
  await refuseSecondStack(folder);
  withdraw(folder);
  const left = await endLeftovers(folder);
  if (left.length > 0) options.say(`Ended what an earlier run had left: ${left.join(', ')}.`);
  record(folder, 'stack', process.pid);

  const secrets = secretBook(folder);
  const secretOf = (name: string) => options.environment[name] || secrets.get(name);
  const start: Start = { folder, options, secrets, secretOf, cleanUp: [] };
  const stop = async (): Promise<void> => {
    withdraw(folder);
    await stopAll(start.cleanUp);
    forget(folder);
  };
  try {
    return { ...(await startParts(start)), stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function startParts(start: Start): Promise<Omit<Stack, 'stop'>> {
  const { options, folder, secretOf } = start;
  const simulator = await maybeSimulator(start);
  const simulatorUrl = simulator?.url ?? null;
  options.say('Starting Postgres …');
  const database = await startDatabase(start, simulatorUrl);
  options.signal?.throwIfAborted();
  options.say('Starting the workers …');
  const workers = await startWorkers(
    {
      ...options,
      folder,
      databaseUrl: (await options.workersDatabaseUrl?.(database.url)) ?? database.url,
      values: localValues(options.environment, simulator?.urlOf ?? null),
      ownSecret: (name) => (isOurs(name) ? secretOf(name) : null),
      reachableUrls: simulatorUrl === null ? [] : [simulatorUrl],
    },
    start.cleanUp,
  );
  options.signal?.throwIfAborted();

  const running: Running = {
    url: workers.current().urlOf('llm-gateway'),
    o11yUrl: workers.current().urlOf('o11y'),
    sessionIngestUrl: workers.current().urlOf('session-ingest'),
    databaseUrl: database.url,
    simulatorUrl,
    pid: process.pid,
    tokens: await tokensOf(secretOf('NEXTAUTH_SECRET_PROD')),
    adminTokens: {
      gateway: secretOf('GATEWAY_ADMIN_TOKEN'),
      o11y: secretOf('O11Y_KILO_GATEWAY_CLIENT_SECRET'),
    },
  };
  announce(folder, running);
  return {
    ...running,
    simulator,
    upstreams: workers.upstreams,
    pids: () => ({ workerd: workers.current().pid, postgres: database.pid() }),
    restartWorkerd: workers.restart,
    kill: (what) => (what === 'workerd' ? workers.kill() : database.kill()),
  };
}

async function maybeSimulator({ folder, options, cleanUp }: Start): Promise<Simulator | null> {
  if (!needsSimulator(options.environment)) return null;
  const own = join(folder, 'simulator');
  mkdirSync(own, { recursive: true });
  // The same port again: a custom LLM of the demo people points to it.
  const port = await freePort(lastPort(own));
  const simulator = await startSimulator({ apiKey: SIMULATOR_KEY, port });
  keepPort(own, port);
  cleanUp.push(simulator.close);
  return simulator;
}

async function stopAll(cleanUp: Start['cleanUp']): Promise<void> {
  for (const step of cleanUp.toReversed()) {
    try {
      await step();
    } catch (cause) {
      // The others must end all the same.
      console.error(cause);
    }
  }
}

/** One that was told to stop, or whose launcher was killed, needs a moment to withdraw. */
const WITHDRAW_MS = 1_000;

async function refuseSecondStack(folder: string): Promise<void> {
  const deadline = performance.now() + WITHDRAW_MS;
  for (;;) {
    const running = announced(folder);
    const owner = recorded(folder).find(({ name }) => name === 'stack');
    if (!running || owner?.pid !== running.pid || !isAlive(owner)) return;
    if (performance.now() > deadline) {
      throw new CannotStart(
        `A stack is already running at ${running.url} (pid ${running.pid}). For a second one, set PORT and LOCAL_DIRECTORY.`,
      );
    }
    await sleep(50);
  }
}
