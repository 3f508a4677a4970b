import { connect, type Database } from '@gateway/db';
import type { Bindings } from './bindings.ts';
import { DatabaseAway } from './database-away.ts';

/** Lends a connection for one piece of work, and gives it back however the work ends. */
export async function withDatabase<T>(
  { HYPERDRIVE }: Bindings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await connected(HYPERDRIVE.connectionString);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function connected(connectionString: string): Promise<Database> {
  try {
    return await connect(connectionString);
  } catch (cause) {
    throw new DatabaseAway('Postgres', { cause });
  }
}
