import { DatabaseSync } from 'node:sqlite';
import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { answerTold } from '@gateway/worker-utils/testing/told';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DimensionCounts } from '../alerting/breaches.ts';
import { dimensionKey } from '../alerting/dimension.ts';
import type { Question } from '../alerting/objective.ts';
import { apiMetricsPoint } from '../ingest/api-metrics-point.ts';
import { analyticsEngine } from './analytics-engine.ts';
import { errorRateEmbedded } from './baseline-embedded.ts';
import { countEmbedded } from './count-embedded.ts';
import { createTables } from './embedded-tables.ts';
import { writeEmbedded } from './write-embedded.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
// The beginning of a minute: the store of one machine counts whole ones.
const now = Instant.parse(Date.UTC(2026, 0, 10));

type Told = { readonly metrics: ApiMetrics; readonly at: Instant; readonly weight: number };

/** Points as they are written, and the statements that are sent, on a database that speaks enough of that SQL. */
function asAnalyticsEngine(told: readonly Told[]) {
  const database = new DatabaseSync(':memory:');
  database.function('toDateTime', (text) => Date.parse(`${String(text)}Z`));
  const blobs = Array.from({ length: 13 }, (_, index) => `blob${index + 1} TEXT`);
  const doubles = Array.from({ length: 9 }, (_, index) => `double${index + 1} REAL`);
  const columns = ['timestamp INTEGER', '_sample_interval INTEGER', ...blobs, ...doubles];
  database.exec(`CREATE TABLE o11y_api_metrics (${columns.join(', ')})`);
  const insert = database.prepare(
    `INSERT INTO o11y_api_metrics VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const { metrics, at, weight } of told) {
    const point = apiMetricsPoint(metrics);
    insert.run(at, weight, ...point.blobs, ...point.doubles);
  }
  const query = async (sql: string) => database.prepare(sql).all();
  return analyticsEngine({ query, clock: { now: () => now } });
}

function asEmbedded(told: readonly Told[]) {
  const sql = nodeSql();
  createTables(sql);
  for (const { metrics, at, weight } of told) {
    for (let n = 0; n < weight; n += 1) writeEmbedded(sql, [{ metrics, at }]);
  }
  return {
    count: (question: Question, since: Instant) => countEmbedded(sql, question, since),
    errorRate: (model: string) => errorRateEmbedded(sql, { model, now }),
  };
}

const sorted = (rows: readonly DimensionCounts[]) =>
  rows.toSorted((one, other) => dimensionKey(one).localeCompare(dimensionKey(other)));

const told = fc
  .record({
    agoMinutes: fc.oneof(fc.nat(40), fc.nat(8 * DAY_MINUTES)),
    weight: fc.integer({ min: 1, max: 3 }),
    provider: fc.constantFrom('openrouter', 'vercel'),
    resolvedModel: fc.constantFrom('a/model', 'b/model'),
    userByok: fc.boolean(),
    statusCode: fc.constantFrom(200, 404, 499, 503),
    ending: fc.constantFrom('complete' as const, 'failed' as const, 'client-left' as const),
    ttfbMs: fc.constantFrom(0, 1_999, 2_000, 2_001, 30_000),
  })
  .map(({ agoMinutes, weight, ...changes }): Told => ({
    metrics: { ...answerTold, ...changes },
    at: Instant.parse(now - agoMinutes * MINUTE),
    weight,
  }));
const questions: readonly Question[] = [
  { kind: 'error_rate' },
  { kind: 'ttfb', thresholdMs: 2_000 },
];

test('whichever store is asked, the same requests give the same answers, sampled or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(told, { maxLength: 40 }), async (all) => {
      const [engine, embedded] = [asAnalyticsEngine(all), asEmbedded(all)];
      for (const minutes of [1, 3, 5, 30, 360]) {
        const since = Instant.parse(now - minutes * MINUTE);
        for (const question of questions) {
          const counts = await engine.count(question, since);
          expect(sorted(embedded.count(question, since))).toEqual(sorted(counts));
        }
      }
      for (const model of ['a/model', 'nobody/asked']) {
        expect(embedded.errorRate(model)).toEqual(await engine.errorRate(model));
      }
    }),
    { numRuns: 100 },
  );
});
