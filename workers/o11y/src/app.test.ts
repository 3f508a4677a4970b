import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { expect, test } from 'vitest';
import { app, type AppNeeds } from './app.ts';

const TOKEN = 'admin-token';
const metrics = {
  kiloUserId: 'user-1',
  isAnonymous: false,
  isStreaming: true,
  userByok: false,
  provider: 'openrouter',
  requestedModel: 'kilo/auto',
  resolvedModel: 'anthropic/claude-sonnet-4.6',
  toolsAvailable: [],
  toolsUsed: [],
  ttfbMs: 12,
  completeRequestMs: 340,
  statusCode: 200,
};

function world(changes: Partial<AppNeeds> = {}) {
  const ingested: ApiMetrics[] = [];
  const needs: AppNeeds = {
    adminToken: async () => TOKEN,
    ingestApiMetrics: async (given) => {
      ingested.push(given);
    },
    log: { info: () => undefined, error: () => undefined },
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
  const response = await post(JSON.stringify({ ...metrics, unknown: 1 }));
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  expect(ingested).toEqual([{ ...metrics, inferenceProvider: '' }]);
});

test.each([
  ['no token', null, TOKEN],
  ['a wrong token', 'admin-tokem', TOKEN],
  ['an empty token where no secret is set', '', null],
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

test('a body over 1 MiB is refused before it is parsed', async () => {
  const { post, ingested } = world();
  expect((await post(' '.repeat(1024 * 1024 + 1))).status).toBe(413);
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
