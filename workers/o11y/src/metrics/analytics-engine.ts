import { z } from 'zod';
import type { DimensionCounts } from '../alerting/breaches.ts';
import type { WindowCounts } from '../alerting/evaluate-alerts.ts';
import type { Clock } from '@gateway/worker-utils/time';
import { errorRateBaselineSql, ttfbBaselineSql, windowSql } from './analytics-engine-sql.ts';
import type { Baselines } from './baseline.ts';
import { errorRateBaseline } from './error-rate-baseline.ts';

/** 64-bit integers come as strings; a percentile or a sum of nothing as null. */
const Figure = z.union([z.number(), z.string(), z.null()]).transform(Number).pipe(z.number());

const WindowRow = z
  .object({
    provider: z.string(),
    model: z.string(),
    client_name: z.string(),
    total: Figure,
    bad: Figure,
  })
  .transform(({ client_name: clientName, ...row }): DimensionCounts => ({ ...row, clientName }));
const DayRow = z.object({
  requests1d: Figure,
  requests3d: Figure,
  requests7d: Figure,
  errors1d: Figure,
  errors3d: Figure,
  errors7d: Figure,
});
const TtfbRow = z.object({
  p50Ttfb3d: Figure,
  p95Ttfb3d: Figure,
  p99Ttfb3d: Figure,
  requests3d: Figure,
});

type Needs = {
  readonly query: (sql: string) => Promise<readonly unknown[]>;
  readonly clock: Clock;
};

/** What the points that were written to Analytics Engine answer. */
export function analyticsEngine({ query, clock }: Needs): WindowCounts & Baselines {
  return {
    async count(question, since) {
      const rows = await query(windowSql(question, since));
      return rows.map((row) => WindowRow.parse(row));
    },
    async errorRate(model) {
      const [row] = await query(errorRateBaselineSql({ model, now: clock.now() }));
      return row === undefined ? null : errorRateBaseline(model, DayRow.parse(row));
    },
    async ttfb(model) {
      const [row] = await query(ttfbBaselineSql({ model, now: clock.now() }));
      const figures = row === undefined ? null : TtfbRow.parse(row);
      return figures === null || figures.requests3d <= 0 ? null : { model, ...figures };
    },
  };
}
