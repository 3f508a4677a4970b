import { expect, test } from 'vitest';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { errorRateConfigTable, ttfbConfigTable } from './alert-config-table.ts';

const errorRate = {
  model: 'b/model',
  enabled: true,
  errorRateSlo: 0.99,
  minRequestsPerWindow: 20,
  updatedAt: '2026-01-01T00:00:00.000Z',
};
const ttfb = {
  model: 'b/model',
  enabled: false,
  ttfbThresholdMs: 2_000,
  ttfbSlo: 0.95,
  minRequestsPerWindow: 10,
  updatedAt: '2026-01-01T00:00:00.000Z',
};

test('alert configurations are kept whole, sorted by model, the last one of a model', () => {
  const table = errorRateConfigTable(nodeSql());
  expect(table.list()).toEqual([]);
  table.upsert(errorRate);
  table.upsert({ ...errorRate, model: 'a/model', enabled: false });
  table.upsert({ ...errorRate, errorRateSlo: 0.5, minRequestsPerWindow: 1 });
  expect(table.list()).toEqual([
    { ...errorRate, model: 'a/model', enabled: false },
    { ...errorRate, errorRateSlo: 0.5, minRequestsPerWindow: 1 },
  ]);
  expect(table.get('a/model')).toMatchObject({ enabled: false });
  expect(table.get('c/model')).toBeNull();
});

test('a configuration of first bytes keeps its own objective', () => {
  const table = ttfbConfigTable(nodeSql());
  table.upsert(ttfb);
  expect(table.list()).toEqual([ttfb]);
  table.upsert({ ...ttfb, ttfbSlo: 0.9 });
  expect(table.get('b/model')).toEqual({ ...ttfb, ttfbSlo: 0.9 });
});

test('removing twice is harmless, and removes nothing of the other kind', () => {
  const sql = nodeSql();
  const [errors, first] = [errorRateConfigTable(sql), ttfbConfigTable(sql)];
  errors.upsert(errorRate);
  first.upsert(ttfb);
  errors.remove('b/model');
  errors.remove('b/model');
  expect(errors.list()).toEqual([]);
  expect(first.list()).toEqual([ttfb]);
});

test('tables survive a restart of the object', () => {
  const sql = nodeSql();
  errorRateConfigTable(sql).upsert(errorRate);
  expect(errorRateConfigTable(sql).list()).toEqual([errorRate]);
});
