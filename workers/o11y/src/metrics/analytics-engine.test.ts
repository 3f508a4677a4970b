import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { analyticsEngine } from './analytics-engine.ts';
import { queryAnalyticsEngine } from './analytics-engine-query.ts';

const now = Instant.parse(Date.UTC(2026, 10, 24, 10, 0, 30));
const clock = { now: () => now };

function engine(rows: readonly unknown[]) {
  const asked: string[] = [];
  const query = async (sql: string) => {
    asked.push(sql);
    return rows;
  };
  return { asked, ...analyticsEngine({ query, clock }) };
}

test('a window counts weighted points, without those on a key of their own', async () => {
  const row = { provider: 'p', model: 'm', client_name: 'c', total: '1000', bad: '600' };
  const { count, asked } = engine([row]);
  expect(await count({ kind: 'error_rate' }, now)).toEqual([
    { provider: 'p', model: 'm', clientName: 'c', total: 1_000, bad: 600 },
  ]);
  expect(asked).toEqual([
    `SELECT blob1 AS provider, blob2 AS model, blob3 AS client_name,
  SUM(_sample_interval) AS total,
  SUM(IF(blob4 = '1', _sample_interval, 0)) AS bad
FROM o11y_api_metrics
WHERE timestamp >= toDateTime('2026-11-24 10:00:30') AND blob6 = '0'
GROUP BY provider, model, client_name
LIMIT 10000`,
  ]);
});

test('slow first bytes are counted among successes', async () => {
  const { count, asked } = engine([]);
  await count({ kind: 'ttfb', thresholdMs: 2_000 }, now);
  expect(asked[0]).toContain('SUM(IF(double1 > 2000, _sample_interval, 0)) AS bad');
  expect(asked[0]).toContain("blob6 = '0' AND blob4 = '0'");
});

test('a row that is not one is an error, not a quiet zero', async () => {
  const { count } = engine([
    { provider: 'p', model: 'm', client_name: 'c', total: 'many', bad: 0 },
  ]);
  await expect(count({ kind: 'error_rate' }, now)).rejects.toThrow(/received NaN/);
});

test('baselines are figures, also when integers come as strings', async () => {
  const { errorRate, asked } = engine([
    { requests1d: '10', errors1d: '1', requests3d: 20, errors3d: 1, requests7d: '40', errors7d: 4 },
  ]);
  expect(await errorRate('a/model')).toEqual({
    model: 'a/model',
    errorRate1d: 0.1,
    errorRate3d: 0.05,
    errorRate7d: 0.1,
    requests1d: 10,
    requests3d: 20,
    requests7d: 40,
  });
  expect(asked[0]).toContain("timestamp >= toDateTime('2026-11-17 10:00:30')");
  expect(asked[0]).toContain("blob2 = 'a/model' AND blob6 = '0'");
});

test('no requests, no baseline', async () => {
  const none = {
    requests1d: 0,
    requests3d: 0,
    requests7d: 0,
    errors1d: 0,
    errors3d: 0,
    errors7d: 0,
  };
  expect(await engine([none]).errorRate('a/model')).toBeNull();
  const empty = { p50Ttfb3d: null, p95Ttfb3d: null, p99Ttfb3d: null, requests3d: '0' };
  expect(await engine([empty]).ttfb('a/model')).toBeNull();
  expect(await engine([{ ...empty, p50Ttfb3d: 12, requests3d: '5' }]).ttfb('a/model')).toEqual({
    model: 'a/model',
    p50Ttfb3d: 12,
    p95Ttfb3d: 0,
    p99Ttfb3d: 0,
    requests3d: 5,
  });
});

test('a model that could end the string is never asked for', async () => {
  const { errorRate, asked } = engine([]);
  await expect(errorRate("a' OR '1' = '1")).rejects.toThrow(/must not contain/);
  await expect(errorRate('a\\')).rejects.toThrow(/must not contain/);
  expect(asked).toEqual([]);
});

test('the SQL API is asked as it wants to be, and says what failed', async () => {
  const sent: { url: string; body: unknown; headers: unknown }[] = [];
  const needs = (answer: Response) => ({
    accountId: 'account',
    token: async () => 'token',
    post: async (url: string, { body, headers }: RequestInit) => {
      sent.push({ url, body, headers });
      return answer;
    },
  });
  const rows = await queryAnalyticsEngine(needs(Response.json({ data: [{ a: 1 }] })), 'SELECT 1');
  expect(rows).toEqual([{ a: 1 }]);
  expect(sent).toEqual([
    {
      url: 'https://api.cloudflare.com/client/v4/accounts/account/analytics_engine/sql',
      body: 'SELECT 1\nFORMAT JSON',
      headers: { authorization: 'Bearer token' },
    },
  ]);
  const refused = new Response('bad query', { status: 422 });
  await expect(queryAnalyticsEngine(needs(refused), 'SELECT')).rejects.toThrow(
    /^Analytics Engine query failed \(422\): bad query$/,
  );
});
