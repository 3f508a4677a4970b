import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';
import type { ErrorRateBaseline, TtfbBaseline } from './baseline.ts';
import { errorRateBaseline } from './error-rate-baseline.ts';
import { quantile } from './quantile.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export type BaselineOf = { readonly model: string; readonly now: Instant };

/** A sum over no rows is null. */
const Sum = z
  .number()
  .nullable()
  .transform((sum) => sum ?? 0);
const DayRow = z.object({
  requests1d: Sum,
  requests3d: Sum,
  requests7d: Sum,
  errors1d: Sum,
  errors3d: Sum,
  errors7d: Sum,
});
const TtfbRow = z.object({ value: z.number(), weight: z.number() });

export function errorRateEmbedded(sql: Sql, { model, now }: BaselineOf): ErrorRateBaseline | null {
  const [day, threeDays, week] = [1, 3, 7].map((days) => now - days * DAY_MS);
  const [row] = sql.all(
    `SELECT SUM(requests * (at >= ?1)) AS requests1d, SUM(requests * is_error * (at >= ?1)) AS errors1d,
       SUM(requests * (at >= ?2)) AS requests3d, SUM(requests * is_error * (at >= ?2)) AS errors3d,
       SUM(requests) AS requests7d, SUM(requests * is_error) AS errors7d
     FROM bucket JOIN dimension ON id = dimension
     WHERE model = ?4 AND at >= ?3 AND user_byok = 0`,
    day ?? 0,
    threeDays ?? 0,
    week ?? 0,
    model,
  );
  return errorRateBaseline(model, DayRow.parse(row));
}

export function ttfbEmbedded(sql: Sql, { model, now }: BaselineOf): TtfbBaseline | null {
  const values = sql
    .all(
      `SELECT ttfb_ms AS value, SUM(requests) AS weight FROM bucket JOIN dimension ON id = dimension
       WHERE model = ? AND at >= ? AND user_byok = 0 AND is_error = 0 GROUP BY ttfb_ms ORDER BY ttfb_ms`,
      model,
      now - 3 * DAY_MS,
    )
    .map((row) => TtfbRow.parse(row));
  if (values.length === 0) return null;
  return {
    model,
    p50Ttfb3d: quantile(values, 0.5),
    p95Ttfb3d: quantile(values, 0.95),
    p99Ttfb3d: quantile(values, 0.99),
    requests3d: values.reduce((sum, { weight }) => sum + weight, 0),
  };
}
