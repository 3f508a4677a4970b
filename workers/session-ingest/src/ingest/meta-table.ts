import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';

/** What an object remembers of its session besides the items. */
type Name =
  | 'kiloUserId'
  | 'sessionId'
  | 'ingestVersion'
  | 'closeReason'
  | 'metricsEmitted'
  /** The metrics that were reported last: an opening without anything new is nothing to report. */
  | 'reported'
  /** Counts openings, so that a report which was under way meanwhile does not end the new one. */
  | 'opening'
  | 'failures';

export type MetaTable = {
  readonly get: (name: Name) => string | null;
  readonly set: (name: Name, value: string) => void;
  readonly remove: (name: Name) => void;
};

const Row = z.object({ value: z.string() });

/** Made anew with each use: an object that has been cleared has no tables. */
export function metaTable(sql: Sql): MetaTable {
  sql.all('CREATE TABLE IF NOT EXISTS ingest_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  return {
    get(name) {
      const [row] = sql.all('SELECT value FROM ingest_meta WHERE key = ?', name);
      return row === undefined ? null : Row.parse(row).value;
    },
    set: (name, value) => {
      sql.all('INSERT OR REPLACE INTO ingest_meta (key, value) VALUES (?, ?)', name, value);
    },
    remove: (name) => {
      sql.all('DELETE FROM ingest_meta WHERE key = ?', name);
    },
  };
}
