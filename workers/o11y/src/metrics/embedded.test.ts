import { ApiMetrics, type ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { answerTold } from '@gateway/worker-utils/testing/told';
import { errorRateEmbedded, ttfbEmbedded } from './baseline-embedded.ts';
import { countEmbedded } from './count-embedded.ts';
import { createTables } from './embedded-tables.ts';
import { pruneEmbedded } from './prune-embedded.ts';
import { roundedTtfb } from './rounded-ttfb.ts';
import { writeEmbedded } from './write-embedded.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const now = Instant.parse(1_700_000_000_000);
const ago = (ms: number) => Instant.parse(now - ms);
const model = answerTold.resolvedModel;

function store() {
  const sql = nodeSql();
  createTables(sql);
  const write = (changes: Partial<ApiMetricsInput> = {}, at = now) =>
    writeEmbedded(sql, [{ metrics: ApiMetrics.parse({ ...answerTold, ...changes }), at }]);
  return { sql, write };
}
const dimension = { provider: 'openrouter', model, clientName: 'kilo-gateway' };

test('errors are counted by dimension, within the window, without requests on a key of their own', () => {
  const { sql, write } = store();
  write();
  write({ statusCode: 400 });
  write({ statusCode: 500, userByok: true });
  write({ provider: 'vercel' });
  write({ statusCode: 500 }, ago(7 * 60_000));
  expect(countEmbedded(sql, { kind: 'error_rate' }, ago(5 * 60_000))).toEqual([
    { ...dimension, total: 2, bad: 1 },
    { ...dimension, provider: 'vercel', total: 1, bad: 0 },
  ]);
  expect(countEmbedded(sql, { kind: 'error_rate' }, ago(8 * 60_000))[0]).toMatchObject({
    total: 3,
    bad: 2,
  });
});

test('slow first bytes are counted among successes alone, exactly at the threshold', () => {
  const { sql, write } = store();
  for (const ttfbMs of [1_999, 2_000, 2_001, 9_000]) write({ ttfbMs });
  write({ ttfbMs: 9_000, statusCode: 500 });
  expect(countEmbedded(sql, { kind: 'ttfb', thresholdMs: 2_000 }, ago(60_000))).toEqual([
    { ...dimension, total: 4, bad: 2 },
  ]);
});

test('who left before an answer is no error, and has waited so long for a first byte', () => {
  const { sql, write } = store();
  write({ statusCode: 499, ending: 'client-left', ttfbMs: 9_000 });
  write({ statusCode: 499, ending: 'client-left', ttfbMs: 20 });
  expect(countEmbedded(sql, { kind: 'error_rate' }, ago(60_000))).toEqual([
    { ...dimension, total: 2, bad: 0 },
  ]);
  expect(countEmbedded(sql, { kind: 'ttfb', thresholdMs: 2_000 }, ago(60_000))).toEqual([
    { ...dimension, total: 2, bad: 1 },
  ]);
});

test.each([
  [0, 0],
  [99, 99],
  [100, 100],
  [101, 110],
  [2_000, 2_000],
  [2_001, 2_100],
  [99_999, 100_000],
  [1_000_000, 1_000_000],
])('%i ms is kept as %i', (ms, kept) => {
  expect(roundedTtfb(ms)).toBe(kept);
});

test('baselines look back one, three and seven days', () => {
  const { sql, write } = store();
  write({ statusCode: 500 }, ago(HOUR));
  write({}, ago(HOUR));
  write({}, ago(2 * DAY));
  write({}, ago(2 * DAY));
  write({ statusCode: 500 }, ago(6 * DAY));
  write({ statusCode: 500, userByok: true }, ago(HOUR));
  expect(errorRateEmbedded(sql, { model, now })).toEqual({
    model,
    errorRate1d: 0.5,
    errorRate3d: 0.25,
    errorRate7d: 0.4,
    requests1d: 2,
    requests3d: 4,
    requests7d: 5,
  });
  expect(errorRateEmbedded(sql, { model: 'unknown', now })).toBeNull();
});

test('percentiles of first bytes are those of successes', () => {
  const { sql, write } = store();
  for (let ttfbMs = 1; ttfbMs <= 100; ttfbMs += 1) write({ ttfbMs });
  write({ ttfbMs: 50_000, statusCode: 500 });
  expect(ttfbEmbedded(sql, { model, now })).toEqual({
    model,
    p50Ttfb3d: 50,
    p95Ttfb3d: 95,
    p99Ttfb3d: 99,
    requests3d: 100,
  });
  expect(ttfbEmbedded(sql, { model: 'unknown', now })).toBeNull();
});

test('old minutes become hours, older ones are forgotten, and no request is lost between', () => {
  const { sql, write } = store();
  for (let minute = 0; minute < 9 * 24 * 60; minute += 7) write({}, ago(minute * 60_000));
  const before = errorRateEmbedded(sql, { model, now });
  const rows = () => sql.all('SELECT * FROM bucket').length;
  const [many] = [rows()];
  pruneEmbedded(sql, now);
  pruneEmbedded(sql, now);
  const after = errorRateEmbedded(sql, { model, now });
  expect(rows()).toBeLessThan(many / 4);
  // An hour that a boundary falls into is counted as a whole, or not at all.
  expect(Math.abs((after?.requests7d ?? 0) - (before?.requests7d ?? 0))).toBeLessThan(9);
  expect(after?.requests1d).toBeGreaterThan(24 * 8);
  expect(countEmbedded(sql, { kind: 'error_rate' }, ago(6 * HOUR))[0]?.total).toBe(52);
  expect(sql.all('SELECT * FROM bucket WHERE at < ?', now - 8 * DAY)).toEqual([]);
});

test('more rows than the limit cost the oldest, never the newest', () => {
  const { sql, write } = store();
  for (let minute = 0; minute < 20; minute += 1) write({}, ago(minute * 60_000));
  pruneEmbedded(sql, now, 5);
  expect(sql.all('SELECT * FROM bucket')).toHaveLength(5);
  expect(countEmbedded(sql, { kind: 'error_rate' }, ago(0))[0]?.total).toBe(1);
});

test('callers that name ever new models do not grow the store without end', () => {
  const { sql, write } = store();
  for (let n = 0; n < 1_100; n += 1) write({ resolvedModel: `model-${n}` });
  expect(sql.all('SELECT * FROM dimension')).toHaveLength(1_001);
  const counts = countEmbedded(sql, { kind: 'error_rate' }, ago(0));
  expect(counts.find((row) => row.model === 'other')?.total).toBe(100);
  pruneEmbedded(sql, Instant.parse(now + 9 * DAY));
  expect(sql.all('SELECT * FROM dimension')).toEqual([]);
});

test('a model with an objective is counted under its name in a store that is full', () => {
  const { sql, write } = store();
  for (let n = 0; n < 1_100; n += 1) write({ resolvedModel: `model-${n}` });
  const metrics = ApiMetrics.parse({ ...answerTold, resolvedModel: 'watched/model' });
  writeEmbedded(sql, [{ metrics, at: now }], new Set(['watched/model']));
  const counts = countEmbedded(sql, { kind: 'error_rate' }, ago(0));
  expect(counts.find((row) => row.model === 'watched/model')?.total).toBe(1);
});
