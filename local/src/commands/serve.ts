import { resolve } from 'node:path';
import { isStrong, SECRET_BYTES_MIN } from '@gateway/worker-utils/secret-rules';
import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';
import { mayMigrate, portOf, servedValues } from '../stack/environment.ts';
import { endLeftovers, forget, isAlive, record, recorded } from '../stack/processes.ts';
import { secretBook } from '../stack/secrets.ts';
import { preparedDatabase } from '../postgres/prepared-database.ts';
import { stateFolder } from '../stack/state-folder.ts';
import { startWorkers } from '../stack/stack-workers.ts';
import { runUntilTold, type Told } from '../stack/wait-for-output.ts';

// `npm run serve`: the workers on one machine, for others, against a Postgres that is there. Nothing is simulated and nobody is
// made up: what an operator has not given is not there.

const environment = process.env;
const say = (line: string) => console.log(line);

const Settings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(?:ql)?$/ }),
  /** What the application signs its tokens with. */
  NEXTAUTH_SECRET_PROD: z
    .string()
    .refine(isStrong, `must hold at least ${SECRET_BYTES_MIN} bytes, and not be \`none\``),
  HOST: z.string().default('127.0.0.1'),
  STATE_DIRECTORY: z.string().default('.local/serve'),
  /** An answer takes ten minutes at most. */
  DRAIN_SECONDS: z.coerce.number().positive().default(630),
});

/** What nobody else has to know: it need not be given, only kept. */
const OWN_SECRET = 'ANONYMOUS_ID_SECRET';

async function main({ toldToStop }: Told): Promise<void> {
  const parsed = Settings.safeParse(environment);
  if (!parsed.success) throw new CannotStart(z.prettifyError(parsed.error));
  const { DATABASE_URL: databaseUrl, HOST, STATE_DIRECTORY, DRAIN_SECONDS } = parsed.data;
  const folder = resolve(STATE_DIRECTORY);
  stateFolder(folder);
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
  if (mayMigrate(new URL(databaseUrl), environment)) await preparedDatabase(databaseUrl);
}

await runUntilTold(main);
