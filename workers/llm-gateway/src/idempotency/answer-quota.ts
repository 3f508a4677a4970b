import type { Sql } from '@gateway/worker-utils/sql';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

/** An answer about to be stored. */
export type AnswerClaim = {
  readonly exchange: string;
  /** Its sealed size on disk. */
  readonly bytes: number;
  readonly deleteAt: Instant;
};

/** One user's stored answers across all their keys. */
export type AnswerQuota = {
  /** Claims room until the answer is deleted; false if there is none. Claiming the same answer again replaces the first claim. */
  readonly claim: (claim: AnswerClaim, now: Instant, bytesMax: number) => boolean;
  /** Drops expired claims. Returns when the next claim expires, or null if there is none. */
  readonly forget: (now: Instant) => number | null;
};

/** Fixed overhead per stored answer: each has its own object with a file, tables and state. */
const OBJECT_BYTES = 16 * 1024;

const Sum = z.object({ bytes: z.number().nullable() });
const Next = z.object({ at: z.number().nullable() });

export function answerQuota(sql: Sql): AnswerQuota {
  sql.all(
    'CREATE TABLE IF NOT EXISTS answers (exchange TEXT PRIMARY KEY, bytes INTEGER NOT NULL, delete_at INTEGER NOT NULL)',
  );
  return {
    claim({ exchange, bytes, deleteAt }, now, bytesMax) {
      sql.all('DELETE FROM answers WHERE delete_at <= ?', now);
      const sum = 'SELECT SUM(bytes) AS bytes FROM answers WHERE exchange <> ?';
      const kept = Sum.parse(sql.all(sum, exchange)[0] ?? { bytes: 0 }).bytes ?? 0;
      const claimed = bytes + OBJECT_BYTES;
      if (kept + claimed > bytesMax) return false;
      sql.all('INSERT OR REPLACE INTO answers VALUES (?, ?, ?)', exchange, claimed, deleteAt);
      return true;
    },
    forget(now) {
      sql.all('DELETE FROM answers WHERE delete_at <= ?', now);
      const [row] = sql.all('SELECT MIN(delete_at) AS at FROM answers');
      return Next.parse(row ?? { at: null }).at;
    },
  };
}
