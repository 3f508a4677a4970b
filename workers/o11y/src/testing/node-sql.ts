import { DatabaseSync } from 'node:sqlite';
import type { Sql } from '../sql.ts';

/** The same SQLite that a Durable Object has, in memory: the statements are tested, not a stand-in for them. */
export function nodeSql(): Sql {
  const database = new DatabaseSync(':memory:');
  return { all: (statement, ...bindings) => database.prepare(statement).all(...bindings) };
}
