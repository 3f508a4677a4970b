import { z } from 'zod';
import type { Database } from './database.ts';

/** Whoever holds a row is waited for so long. Then it is somebody else's turn to try again. */
const LOCK_MS_MAX = 3_000;

/**
 * All of the work or nothing of it. The connection must be one's own for as long: a question of somebody else's would
 * become part of the transaction.
 */
export async function inTransaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await run(database, 'begin');
  try {
    await run(database, `set local lock_timeout = ${LOCK_MS_MAX}`);
    const result = await work();
    await run(database, 'commit');
    return result;
  } catch (cause) {
    // Where even this fails the connection is broken, and Postgres takes everything back by itself.
    await run(database, 'rollback').catch(() => undefined);
    throw cause;
  }
}

async function run(database: Database, text: string): Promise<void> {
  await database.rows({ text, values: [] }, z.unknown());
}
