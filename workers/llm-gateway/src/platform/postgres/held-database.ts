import type { Database } from '@gateway/db';

/** A connection that nobody has used for so long is given back. */
const IDLE_MS_MAX = 10_000;

export type HeldDatabase = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
};

/**
 * One connection for an object that asks again and again: opening one costs more than most questions. One that has failed
 * is never used again. Every question has a deadline of its own.
 */
export function heldDatabase(open: () => Promise<Database>): HeldDatabase {
  let held: Promise<Database> | null = null;
  let users = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;

  const giveBack = (connection: Promise<Database>): void => {
    if (held === connection) held = null;
    void connection.then((database) => database.close()).catch(() => undefined);
  };
  return {
    async lend(work) {
      clearTimeout(idle);
      const connection = (held ??= open());
      users += 1;
      try {
        return await work(await connection);
      } catch (cause) {
        giveBack(connection);
        throw cause;
      } finally {
        users -= 1;
        if (users === 0 && held === connection) {
          idle = setTimeout(() => giveBack(connection), IDLE_MS_MAX);
        }
      }
    },
  };
}
