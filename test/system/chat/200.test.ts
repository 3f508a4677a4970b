import { costOf } from '@gateway/local/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, untilRows, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user', content: 'Hello!' }] };
const lastDelivered = () => {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};
const microdollars = (usd: number) => Math.round(usd * 1_000_000);

test('a streamed answer arrives byte for byte, and is charged to the microdollar', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'anthropic/claude-sonnet-4.6', stream: true },
    headers: {
      'x-kilocode-taskid': 'task-1',
      'x-kilocode-mode': 'code',
      'x-kilocode-feature': 'CLI',
    },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const text = await response.text();
  const delivered = lastDelivered();
  expect(Buffer.byteLength(text)).toBe(delivered.bytesWritten);
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);

  const [row] = await person.rows(1);
  expect(delivered.usage && costOf(delivered.usage)).toBe(delivered.cost);
  expect(row).toMatchObject({
    cost: microdollars(delivered.cost),
    market_cost: microdollars(delivered.cost),
    input_tokens: delivered.usage?.prompt_tokens,
    output_tokens: delivered.usage?.completion_tokens,
    message_id: delivered.generationId,
    status_code: 200,
    has_error: false,
    finish_reason: 'stop',
    streamed: true,
    cancelled: false,
    session_id: 'task-1',
    mode: 'code',
    feature: 'cli',
    user_prompt_prefix: 'Hello!',
    http_x_forwarded_for: '127.0.0.1',
  });
  expect(await person.used()).toBe(microdollars(delivered.cost));
});

test('a JSON answer arrives byte for byte, its padding included, and is charged the same', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'openai/gpt-5.2' },
  });
  expect(response.status).toBe(200);
  const text = await response.text();
  const delivered = lastDelivered();
  expect(Buffer.byteLength(text)).toBe(delivered.bytesWritten);
  expect(text).toMatch(/^\n\s+\n/);
  const [row] = await person.rows(1);
  expect(row).toMatchObject({
    cost: microdollars(delivered.cost),
    streamed: false,
    has_error: false,
  });
  expect(await person.used()).toBe(microdollars(delivered.cost));
});

test('ten answers at once cost the sum of ten', async () => {
  const person = await world.newcomer(10);
  const model = 'anthropic/claude-sonnet-4.6';
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      world.ask({ token: person.token, body: { ...hello, model, stream: true } }),
    ),
  );
  await Promise.all(answers.map((answer) => answer.text()));
  const rows = await person.rows(10);
  expect(await person.used()).toBe(rows.reduce((sum, { cost }) => sum + cost, 0));
});

test('only headers that a client may see come back, and each answer has an id', async () => {
  const { token } = await world.newcomer(10);
  const response = await world.ask({ token, body: { ...hello, model: 'openai/gpt-5.2' } });
  const names = [...response.headers.keys()].filter(
    (name) => name !== 'connection' && name !== 'transfer-encoding',
  );
  expect(names.toSorted()).toEqual([
    'cache-control',
    'content-encoding',
    'content-length',
    'content-type',
    'date',
    'x-gateway-provider',
    'x-request-id',
  ]);
  expect(response.headers.get('content-encoding')).toBe('identity');
  await response.text();
});

test('the upstream sees our names, our key and pseudonyms, and nothing else of the client', async () => {
  const { id, token } = await world.newcomer(10);
  const response = await world.ask({
    token,
    path: '/api/gateway/chat/completions?secret=1',
    body: {
      ...hello,
      model: 'Anthropic/Claude-Sonnet-4.6',
      models: ['openai/gpt-5.2'],
      unknown_field: { kept: true },
      user: 'somebody else',
      stream_options: 'ab',
    },
    headers: {
      'x-kilocode-taskid': 'task-abc',
      'x-secret': 'of the client',
      traceparent: '00-1-1-01',
    },
  });
  await response.text();
  const { headers, path, body } = lastDelivered();
  expect(path).toBe('/api/v1/chat/completions');
  expect(headers).toMatchObject({
    'http-referer': 'https://kilocode.ai',
    'x-title': 'Kilo Code',
    authorization: 'Bearer simulator',
    'content-type': 'application/json',
  });
  expect(Object.keys(headers)).not.toContain('x-secret');
  expect(Object.keys(headers)).not.toContain('traceparent');
  expect(body).toMatchObject({
    model: 'Anthropic/Claude-Sonnet-4.6',
    unknown_field: { kept: true },
    stream_options: { 0: 'a', 1: 'b', include_usage: true },
    provider: { order: ['amazon-bedrock', 'anthropic'] },
    models: ['openai/gpt-5.2'],
  });
  expect(JSON.stringify(body)).not.toContain(id);
  expect(body?.['user']).toBe(body?.['safety_identifier']);
  expect(body?.['user']).not.toBe('somebody else');
});

test('a free model answers without an account, is accounted for at no cost, and is counted', async () => {
  const response = await world.ask({
    body: { ...hello, model: 'minimax/minimax-m2.5:free', stream: true },
    headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' },
  });
  expect(response.status).toBe(200);
  await response.text();
  expect(lastDelivered().body?.model).toBe('minimax/minimax-m2.5');
  const uses = await untilRows(
    world.databaseUrl,
    `select ip_address, model, kilo_user_id from free_model_usage where ip_address = '203.0.113.7'`,
  );
  expect(uses).toEqual([
    { ip_address: '203.0.113.7', model: 'minimax/minimax-m2.5:free', kilo_user_id: null },
  ]);
  const rows = await untilRows(
    world.databaseUrl,
    `select kilo_user_id ~ '^anon:[0-9a-f]{32}$' as is_anonymous, cost, market_cost
     from microdollar_usage_view where http_x_forwarded_for = '203.0.113.7'`,
  );
  const marketCost = microdollars(lastDelivered().cost);
  expect(rows).toEqual([{ is_anonymous: true, cost: 0, market_cost: marketCost }]);
});

test('an error of the upstream keeps its status and words, loses our account, and costs nothing', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'sim/status~code=404' },
  });
  expect(response.status).toBe(404);
  const body: unknown = await response.json();
  expect(body).toHaveProperty('error.message');
  expect(body).not.toHaveProperty('user_id');
  expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true, status_code: 404 }]);
});

test('an unpaid bill of ours is not the concern of a client', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'sim/status~code=402' },
  });
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    error: 'Service Unavailable',
    message: 'The service is temporarily unavailable. Please try again later.',
  });
  expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true, status_code: 402 }]);
});

test('a provider that can not be reached is a 502, accounted for', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({ token: person.token, body: { ...hello, model: 'sim/reset' } });
  expect(response.status).toBe(502);
  expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true, status_code: null }]);
});

test('a client that leaves ends the call to the upstream', async () => {
  const person = await world.newcomer(10);
  const leaving = new AbortController();
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'sim/answer~tokens=1000~delay=20', stream: true },
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  const { sequence } = lastDelivered();
  leaving.abort();
  expect((await world.simulator.ended(sequence)).ending).toBe('client-left');
  expect(await person.rows(1)).toMatchObject([
    { cancelled: true, has_error: true, streamed: true },
  ]);
});

test('health tells that the gateway is up', async () => {
  const response = await fetch(`${world.url}/health`);
  expect(await response.json()).toEqual({ status: 'ok' });
});
