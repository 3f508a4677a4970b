import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { DimensionCounts } from '../alerting/breaches.ts';
import type { Question } from '../alerting/objective.ts';
import type { Sql } from '@gateway/worker-utils/sql';

const MINUTE_MS = 60_000;

const Row = z
  .object({
    provider: z.string(),
    model: z.string(),
    client_name: z.string(),
    total: z.number(),
    bad: z.number(),
  })
  .transform(({ client_name: clientName, ...row }): DimensionCounts => ({ ...row, clientName }));

/** From the beginning of the minute that `since` falls in: up to a minute more than was asked for. */
export function countEmbedded(
  sql: Sql,
  question: Question,
  since: Instant,
): readonly DimensionCounts[] {
  const from = since - (since % MINUTE_MS);
  return rowsOf(sql, question, from).map((row) => Row.parse(row));
}

function rowsOf(sql: Sql, question: Question, from: number): readonly unknown[] {
  switch (question.kind) {
    case 'error_rate':
      return sql.all(
        `SELECT provider, model, client_name, SUM(requests) AS total, SUM(requests * is_error) AS bad
         FROM bucket JOIN dimension ON id = dimension
         WHERE at >= ? AND user_byok = 0 GROUP BY id`,
        from,
      );
    case 'ttfb':
      return sql.all(
        `SELECT provider, model, client_name, SUM(requests) AS total, SUM(requests * (ttfb_ms > ?)) AS bad
         FROM bucket JOIN dimension ON id = dimension
         WHERE at >= ? AND user_byok = 0 AND is_error = 0 GROUP BY id`,
        question.thresholdMs,
        from,
      );
  }
}
