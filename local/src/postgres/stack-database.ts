import { join } from 'node:path';
import { plant } from '@gateway/db/seed';
import { isLoopback } from '../stack/environment.ts';
import { keepRunning } from '../stack/keep-running.ts';
import { seedOf } from '../stack/people.ts';
import { preparedDatabase } from './prepared-database.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import type { Start } from '../stack/stack.ts';

export type Database = {
  readonly url: string;
  readonly pid: () => number | null;
  readonly kill: () => Promise<void>;
};

const NAME = 'gateway';

/** Starts a Postgres, or takes the one that was named; then makes it fit, and plants the demo people. */
export async function startDatabase(start: Start, simulatorUrl: string | null): Promise<Database> {
  const { databaseUrl } = start.options;
  const database = databaseUrl === undefined ? await embedded(start) : existing(databaseUrl);
  const prepared = await preparedDatabase(database.url);
  // Another machine's tables may be somebody's production: no place for people whom anybody can be.
  if (prepared.wasEmpty || isLoopback(new URL(database.url))) {
    await plant(database.url, seedOf(start.secretOf('BYOK_ENCRYPTION_KEY'), simulatorUrl));
  } else {
    start.options.say('This database has tables already, elsewhere: no demo people were added.');
  }
  return database;
}

const existing = (url: string): Database => ({
  url,
  pid: () => null,
  kill: () => Promise.reject(new Error('This Postgres is not ours to kill.')),
});

async function embedded({ folder, options, secrets, cleanUp }: Start): Promise<Database> {
  const password = secrets.get('POSTGRES_PASSWORD');
  const server = await keepRunning<Postgres>({
    name: 'postgres',
    folder,
    say: options.say,
    start: (previous, onSpawn) =>
      startPostgres({
        folder: join(folder, 'postgres'),
        password,
        ...(previous && { port: previous.port }),
        isDurable: options.isDurable,
        onSpawn,
      }),
  });
  cleanUp.push(server.stop);
  await server.current().createDatabase(NAME);
  // Its port stays when it is started again.
  return {
    url: server.current().urlOf(NAME),
    pid: () => server.current().pid,
    kill: server.kill,
  };
}
