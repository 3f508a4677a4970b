import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { prepareDatabase } from '@gateway/db/migrate';
import { z } from 'zod';
import { CannotStart } from './cannot-start.ts';
import { mayMigrate, portOf, servedValues } from './environment.ts';
import { endLeftovers, forget, isAlive, record, recorded } from './processes.ts';
import { secretBook } from './secrets.ts';
import { startWorkers } from './stack-workers.ts';

// `npm run serve`: the workers on one machine, for others, against a Postgres that is there. Nothing is simulated and nobody is
// made up: what an operator has not given is not there.

const environment = process.env;
const say = (line: string) => console.log(line);

// Whoever reads what we say may have gone. That must not keep us from an orderly end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** By a signal, or because whoever started this has gone: the channel to it is closed. Heard also while it starts. */
const told = new AbortController();
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) {
  process.on(event, () => told.abort());
}
if (process.send && !process.connected) told.abort();
const toldToStop = new Promise<void>((done) => {
  told.signal.addEventListener('abort', () => done());
});

const Settings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(?:ql)?$/ }),
  /** What the application signs its tokens with. */
  NEXTAUTH_SECRET_PROD: z.string().min(1),
  HOST: z.string().default('127.0.0.1'),
  STATE_DIRECTORY: z.string().default('.local/serve'),
  /** An answer takes ten minutes at most. */
  DRAIN_SECONDS: z.coerce.number().positive().default(630),
});

/** What nobody else has to know: it need not be given, only kept. */
const OWN_SECRET = 'ANONYMOUS_ID_SECRET';

async function main(): Promise<void> {
  const parsed = Settings.safeParse(environment);
  if (!parsed.success) throw new CannotStart(z.prettifyError(parsed.error));
  const { DATABASE_URL: databaseUrl, HOST, STATE_DIRECTORY, DRAIN_SECONDS } = parsed.data;
  const folder = resolve(STATE_DIRECTORY);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  if (recorded(folder).some((process) => process.name === 'stack' && isAlive(process))) {
    throw new CannotStart(
      `The state in ${folder} is in use. For a second one, set STATE_DIRECTORY.`,
    );
  }
  await endLeftovers(folder);
  record(folder, 'stack', process.pid);
  await prepare(databaseUrl);

  const secrets = secretBook(folder);
  const cleanUp: (() => Promise<void>)[] = [];
  try {
    const workers = await startWorkers(
      {
        folder,
        port: portOf(environment),
        databaseUrl,
        values: servedValues(environment),
        ownSecret: (name) => (name === OWN_SECRET ? secrets.get(name) : null),
        say,
        onWorkerLine: say,
        // Metrics and alerts are the operator's alone.
        hosts: { 'llm-gateway': HOST, 'session-ingest': HOST },
        drained: 'llm-gateway',
        stopMsMax: DRAIN_SECONDS * 1000,
      },
      cleanUp,
    );
    const { ports } = workers.current();
    say(`Serving on ${HOST}: ${JSON.stringify(ports)}`);
    await toldToStop;
    say('Stopping: no new connections; running requests end first …');
  } finally {
    for (const step of cleanUp.toReversed()) await step();
    forget(folder);
  }
}

/** A database elsewhere is taken as it is, unless its owner says that we may change it. */
async function prepare(databaseUrl: string): Promise<void> {
  if (!mayMigrate(new URL(databaseUrl), environment)) return;
  const prepared = await prepareDatabase(databaseUrl);
  if (prepared.kind === 'ready') return;
  const list = prepared.differences.map((difference) => `  - ${difference}`).join('\n');
  throw new CannotStart(`The database differs from what the gateway needs:\n${list}`);
}

try {
  await main();
  process.exit(0);
} catch (cause) {
  // Told to stop while it started: that is no failure.
  if (told.signal.aborted) process.exit(0);
  console.error(cause instanceof CannotStart ? cause.message : cause);
  process.exit(1);
}
