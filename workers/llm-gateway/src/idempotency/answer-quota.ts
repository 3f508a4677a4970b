import type { Sql } from '@gateway/worker-utils/sql';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

/** An answer that is about to be kept. */
export type AnswerClaim = {
  readonly exchange: string;
  /** As it is on disk, sealed. */
  readonly bytes: number;
  readonly deleteAt: Instant;
};

/** The kept answers of one user, of all of their keys. */
export type AnswerQuota = {
  /** Whether there is room for it. Counts it until it is deleted. Claiming the same answer again replaces the first claim. */
  readonly claim: (claim: AnswerClaim, now: Instant, bytesMax: number) => boolean;
  /** Forgets what is deleted by now. Returns when the next one is. Null: there is none. */
  readonly forget: (now: Instant) => number | null;
};

/** Each kept answer has an object of its own: its file, its tables and what is known of the answer. */
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
