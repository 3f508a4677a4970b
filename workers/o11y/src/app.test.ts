import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { systemIntake } from '@gateway/worker-utils/system-intake';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { errorRateConfigTable, ttfbConfigTable } from './alerting/alert-config-table.ts';
import { app, type AppNeeds } from './app.ts';
import { answerTold as metrics } from '@gateway/worker-utils/testing/told';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';

const TOKEN = 'admin-token';

function world(changes: Partial<AppNeeds> = {}) {
  const ingested: ApiMetrics[] = [];
  const sql = nodeSql();
  const [errorRate, ttfb] = [errorRateConfigTable(sql), ttfbConfigTable(sql)];
  const needs: AppNeeds = {
    adminToken: async () => TOKEN,
    ingestApiMetrics: async (given) => {
      ingested.push(given);
    },
    errorRateConfigs: {
      list: async () => errorRate.list(),
      upsert: async (config) => errorRate.upsert(config),
      remove: async (model) => errorRate.remove(model),
    },
    ttfbConfigs: {
      list: async () => ttfb.list(),
      upsert: async (config) => ttfb.upsert(config),
      remove: async (model) => ttfb.remove(model),
    },
    baselines: { errorRate: async () => null, ttfb: async () => null },
    totals: async () => null,
    clock: { now: () => Instant.parse(1_700_000_000_000) },
    intake: systemIntake,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...changes,
  };
  const send = async (path: string, init: RequestInit & { token?: string | null } = {}) => {
    const { token = TOKEN, ...rest } = init;
    const headers = token === null ? {} : { 'X-O11Y-ADMIN-TOKEN': token };
    return app.fetch(new Request(`https://o11y.test${path}`, { headers, ...rest }), needs);
  };
  const post = (body: string) => send('/ingest/api-metrics', { method: 'POST', body });
  return { ingested, send, post };
}

test('metrics of the agreed shape are taken: 204, and nothing else', async () => {
  const { post, ingested } = world();
  const response = await post(
    JSON.stringify({ ...metrics, inferenceProvider: undefined, unknown: 1 }),
  );
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  expect(ingested).toEqual([{ ...metrics, inferenceProvider: '' }]);
});

test.each([
  ['no token', null, TOKEN],
  ['a wrong token', 'admin-tokem', TOKEN],
  ['an empty token where no secret is set', '', null],
  ['an empty token where the secret is empty', '', ''],
  ['any token where no secret is set', TOKEN, null],
])('%s: 401, on every path', async (_name, token, secret) => {
  const { send, ingested } = world({ adminToken: async () => secret });
  for (const path of ['/ingest/api-metrics', '/alerting/config', '/metrics', '/unknown']) {
    const response = await send(path, { method: 'POST', token, body: JSON.stringify(metrics) });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ success: false, error: 'Unauthorized' });
  }
  expect(ingested).toEqual([]);
});

test.each([
  ['missing fields', '{}'],
  ['not JSON', '{'],
  ['nothing', ''],
])('%s: 400, with what is wrong', async (_name, body) => {
  const { post, ingested } = world();
  const response = await post(body);
  expect(response.status).toBe(400);
  const text = await response.text();
  expect(text).toMatch(/^\{"success":false,"error":"Invalid request body","issues":\[\{/);
  expect(ingested).toEqual([]);
});

test('a body over 1 MiB, or nested too deep, is refused before it is parsed', async () => {
  const { post, ingested } = world();
  const response = await post(' '.repeat(1024 * 1024 + 1));
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({
    success: false,
    error: 'Request too large',
    message: 'The request body must not exceed 1 MiB.',
  });
  expect((await post(`${'['.repeat(200)}${']'.repeat(200)}`)).status).toBe(413);
  expect(ingested).toEqual([]);
});

test('an unknown path is 404, with the token', async () => {
  const { send } = world();
  expect((await send('/unknown')).status).toBe(404);
});

test('what was thrown is not shown', async () => {
  const { post } = world({ ingestApiMetrics: () => Promise.reject(new Error('secret place')) });
  const response = await post(JSON.stringify(metrics));
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ success: false, error: 'Internal server error' });
});

const config = { model: 'a/model', enabled: true, errorRateSlo: 0.99, minRequestsPerWindow: 20 };
const ttfbConfig = {
  model: 'a/model',
  enabled: true,
  ttfbThresholdMs: 2_000,
  ttfbSlo: 0.95,
  minRequestsPerWindow: 20,
};

test.each([
  ['/alerting/config', config, { errorRateSlo: 1 }],
  ['/alerting/ttfb-config', ttfbConfig, { ttfbThresholdMs: 0 }],
])('%s keeps what is put, shows it, and removes it', async (path, body, wrong) => {
  const { send } = world();
  const stored = { ...body, updatedAt: '2023-11-14T22:13:20.000Z' };
  const put = (value: object) => send(path, { method: 'PUT', body: JSON.stringify(value) });
  const configs = async () => (await send(path)).json();

  expect(await (await put({ ...body, model: ' a/model ' })).json()).toEqual({
    success: true,
    config: stored,
  });
  expect((await put({ ...body, ...wrong })).status).toBe(400);
  expect((await put({ ...body, model: "a' OR '1" })).status).toBe(400);
  expect((await put({ ...body, model: ' ' })).status).toBe(400);
  expect(await configs()).toEqual({ success: true, configs: [stored] });

  for (const query of ['', '?model=', '?model=%20']) {
    const response = await send(`${path}${query}`, { method: 'DELETE' });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ success: false, error: 'model is required' });
  }
  for (const _twice of [1, 2]) {
    const response = await send(`${path}?model=a%2Fmodel`, { method: 'DELETE' });
    expect(await response.json()).toEqual({ success: true });
  }
  expect(await configs()).toEqual({ success: true, configs: [] });
});

test.each(['/alerting/baseline', '/alerting/ttfb-baseline'])(
  '%s names its model, or is refused',
  async (path) => {
    const { send } = world();
    const found = await send(`${path}?model=a/model`);
    expect(await found.json()).toEqual({ success: true, baseline: null });
    expect(await (await send(path)).json()).toEqual({ success: false, error: 'model is required' });
    expect((await send(`${path}?model=a'%20OR%201`)).status).toBe(400);
  },
);

test('a scraper reads totals with a bearer token; where they are kept elsewhere, there are none', async () => {
  const { send } = world({ totals: async () => ({ requests: [], firstBytes: [], sessions: [] }) });
  const response = await send('/metrics', { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await response.text()).toContain('# TYPE llm_gateway_requests_total counter\n');
  expect((await world().send('/metrics')).status).toBe(404);
  expect((await send('/metrics', { headers: { authorization: 'Bearer no' } })).status).toBe(401);
});
