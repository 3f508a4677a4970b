import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';

const HOUR_MS = 60 * 60 * 1000;
/** The longest question is the baseline of seven days. */
const KEPT_MS = 8 * 24 * HOUR_MS;
/** The longest alert window is six hours; beyond it, an hour is as good as its minutes. */
const MINUTES_KEPT_MS = 12 * HOUR_MS;
/** About 100 MB. The oldest go first: alerts look at the newest. */
const ROWS_MAX = 2_000_000;

const Count = z.object({ count: z.number() });

/** Keeps the store at the size of its traffic's variety, not of its traffic. To be called in one synchronous turn. */
export function pruneEmbedded(sql: Sql, now: Instant, rowsMax = ROWS_MAX): void {
  sql.all('DELETE FROM bucket WHERE at < ?', now - KEPT_MS);
  foldIntoHours(sql, now - MINUTES_KEPT_MS);
  const [row] = sql.all('SELECT COUNT(*) AS count FROM bucket');
  const excess = Count.parse(row).count - rowsMax;
  if (excess > 0) {
    sql.all(
      'DELETE FROM bucket WHERE at <= (SELECT at FROM bucket ORDER BY at LIMIT 1 OFFSET ?)',
      excess - 1,
    );
  }
  sql.all('DELETE FROM dimension WHERE id NOT IN (SELECT dimension FROM bucket)');
  sql.all('DELETE FROM first_byte WHERE dimension NOT IN (SELECT id FROM dimension)');
  sql.all('DELETE FROM request_total WHERE dimension NOT IN (SELECT id FROM dimension)');
}

/** The minute that begins an hour is the row that the others are added to. */
function foldIntoHours(sql: Sql, before: number): void {
  const cutoff = before - (before % HOUR_MS);
  sql.all(
    `INSERT INTO bucket (at, dimension, is_error, user_byok, ttfb_ms, requests)
     SELECT at - at % ?1, dimension, is_error, user_byok, ttfb_ms, SUM(requests) FROM bucket
     WHERE at < ?2 AND at % ?1 <> 0 GROUP BY 1, 2, 3, 4, 5
     ON CONFLICT DO UPDATE SET requests = requests + excluded.requests`,
    HOUR_MS,
    cutoff,
  );
  sql.all('DELETE FROM bucket WHERE at < ?2 AND at % ?1 <> 0', HOUR_MS, cutoff);
}
