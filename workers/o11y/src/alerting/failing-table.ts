import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';

/** Since when the evaluation of alerts has been failing. */
export type FailingTable = {
  readonly since: () => Instant | null;
  readonly set: (since: Instant | null) => void;
};

const Row = z.object({ since: Instant });

export function failingTable(sql: Sql): FailingTable {
  sql.all('CREATE TABLE IF NOT EXISTS failing (id INTEGER PRIMARY KEY, since INTEGER NOT NULL)');
  return {
    since() {
      const [row] = sql.all('SELECT since FROM failing');
      return row === undefined ? null : Row.parse(row).since;
    },
    set: (since) => {
      sql.all('DELETE FROM failing');
      if (since !== null) sql.all('INSERT INTO failing (id, since) VALUES (1, ?)', since);
    },
  };
}
