import { connect, type Database } from '@gateway/db';

type Bindings = { readonly HYPERDRIVE: Hyperdrive };

/** Lends a connection for one piece of work, and gives it back however the work ends. */
export async function withDatabase<T>(
  { HYPERDRIVE }: Bindings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await connect(HYPERDRIVE.connectionString);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
