import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Sql } from '../sql.ts';

/** The same SQLite that a Durable Object has, in memory: the statements are tested, not a stand-in for them. */
export function nodeSql(): Sql {
  const database = new DatabaseSync(':memory:');
  const prepared = new Map<string, StatementSync>();
  return {
    all(statement, ...bindings) {
      const known = prepared.get(statement) ?? database.prepare(statement);
      prepared.set(statement, known);
      return known.all(...bindings);
    },
  };
}
