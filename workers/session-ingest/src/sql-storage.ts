import type { Sql } from './sql.ts';

/** The SQLite of a Durable Object. */
export const sqlOf = (storage: SqlStorage): Sql => ({
  all: (statement, ...bindings) => storage.exec(statement, ...bindings).toArray(),
});
