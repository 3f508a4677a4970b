import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { parseJson } from '@gateway/worker-utils/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { o11yStandIns } from '../../support/o11y-stand-ins.ts';
import { startSink } from '../../support/sink.ts';
import { slowClient } from '../../support/slow-client.ts';
import { startWorld, type World } from '../../support/world.ts';

// What is told of each exchange to the worker that counts.

const standIns = o11yStandIns();
let world: World;
beforeAll(async () => {
  const away = await startSink();
  await away.close();
  const listen = 'ingestApiMetrics(told) { console.log(JSON.stringify({ told })); }';
  world = await startWorld(
    { CORETHINK_BASE_URL: away.url, COMPLETION_UNREAD_SECONDS: '1' },
    { standIns: { o11y: standIns.write('listens', listen) } },
  );
});
afterAll(async () => {
  await world.stop();
  standIns.remove();
});

/** Each as the worker that counts would take it: one that does not fit its schema is lost. */
const metricsOf = (user: string): readonly ApiMetrics[] =>
  world.workerLines.flatMap((line) => {
    const json = parseJson(line);
    if (!json.ok || typeof json.value !== 'object' || json.value === null) return [];
    if (!('told' in json.value)) return [];
    const metrics = ApiMetrics.parse(json.value.told);
    return metrics.kiloUserId.startsWith(user) ? [metrics] : [];
  });
async function metricOf(user: string): Promise<ApiMetrics> {
  await eventually(() => metricsOf(user).length > 0, 'a metric');
  const [metrics, ...more] = metricsOf(user);
  if (!metrics || more.length > 0) throw new Error('There is more than one.');
  return metrics;
}
const messages = [{ role: 'user', content: 'Hello!' }];
async function tellOf(body: object, headers: Readonly<Record<string, string>> = {}) {
  const person = await world.newcomer(10);
  await (await world.ask({ token: person.token, body, headers })).text();
  return { person, told: await metricOf(person.id) };
}

test('an answer is told with its models, its provider, its times and its tokens', async () => {
  const body = { model: ' Kilo/Auto ', messages, stream: true };
  const { person, told } = await tellOf(body, { 'x-kilocode-mode': ' code ' });
  const [row] = await person.rows(1);
  expect(told).toMatchObject({
    isAnonymous: false,
    isStreaming: true,
    userByok: false,
    mode: 'code',
    provider: row?.provider,
    inferenceProvider: row?.['inference_provider'],
    requestedModel: 'kilo/auto',
    resolvedModel: row?.requested_model?.split(':')[0],
    statusCode: 200,
    ending: 'complete',
    tokens: { inputTokens: row?.input_tokens, outputTokens: row?.output_tokens },
  });
  expect(told.inferenceProvider).not.toBe('');
  expect(told.completeRequestMs).toBeGreaterThanOrEqual(told.ttfbMs);
});

test('tools are told that are offered, and that were called before', async () => {
  const call = (type: string, name: unknown) => ({ id: `call_${type}`, type, [type]: { name } });
  const { told } = await tellOf({
    model: 'sim/answer',
    messages: [
      ...messages,
      {
        role: 'assistant',
        // One that is repeated is not sent on, and not told.
        tool_calls: [
          call('function', 'read'),
          call('function', 'read'),
          call('custom', ' '),
          call('other', 'x'),
        ],
      },
      { role: 'assistant', tool_calls: [call('function', 'read')] },
      { role: 'user', content: 'Go on.' },
    ],
    tools: [
      { type: 'function', function: { name: 'read', parameters: {} } },
      { type: 'custom', custom: {} },
      { type: 'web' },
    ],
  });
  expect(told.toolsAvailable).toEqual(['function:read', 'custom:unknown', 'unknown:unknown']);
  expect(told.toolsUsed).toEqual([
    'function:read',
    'custom:unknown',
    'unknown:unknown',
    'function:read',
  ]);
});

test.each([
  ['sim/vercel', 'complete', 200, 1],
  ['sim/cut~after=6~of=12', 'cut', 200, 2],
  ['sim/error~after=3', 'failed', 200, 1],
  ['sim/status~code=402', 'failed', 402, 2],
  ['sim/status~code=503', 'failed', 503, 6],
] as const)(
  '%s is told as %s, with the provider and its status, and the count of attempts',
  async (model, ending, status, attempts) => {
    const { told } = await tellOf({ model, messages, stream: true });
    const provider = attempts === 1 ? 'openrouter' : 'vercel';
    expect(told).toMatchObject({ ending, statusCode: status, provider, attempts });
    // Vercel names it in one chunk of many.
    expect(told.inferenceProvider !== '').toBe(status === 200);
  },
);

test('a request that no provider answered is told too', async () => {
  const { told } = await tellOf({ model: 'corethink:free', messages, stream: true });
  expect(told).toMatchObject({
    provider: 'corethink',
    requestedModel: 'corethink:free',
    resolvedModel: 'corethink',
    statusCode: 502,
    ending: 'unreachable',
    inferenceProvider: '',
  });
});

test('who left before a provider had answered is told as such, not as an error of the provider', async () => {
  const person = await world.newcomer(10);
  const calls = world.simulator.log().length;
  // With a key it is the object of that key that ends the call, at once and for certain, as Cloudflare's edge does.
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const body = { model: 'sim/never', messages };
  const client = slowClient({ url: world.url, token: person.token, body, headers });
  await eventually(() => world.simulator.log().length > calls, 'the call to the provider');
  client.resetAndDestroy();
  expect(await metricOf(person.id)).toMatchObject({ ending: 'client-left', statusCode: 499 });
});

test('callers without an account are told by their pseudonym, and what is refused is not told', async () => {
  await (await world.ask({ body: { model: 'corethink:free', messages } })).text();
  const told = await metricOf('anon:');
  expect(told).toMatchObject({ isAnonymous: true, isStreaming: false });
  const before = world.workerLines.length;
  expect((await world.ask({ body: { model: 'sim/answer', messages } })).status).toBe(401);
  await tellOf({ model: 'sim/answer', messages });
  const since = world.workerLines.slice(before).filter((line) => line.includes('"told"'));
  expect(since).toHaveLength(1);
});

test('a completion of code is told like a chat', async () => {
  const person = await world.newcomer(1);
  const body = { model: 'codestral-latest', prompt: 'const a', suffix: ';', stream: true };
  const headers = { 'x-kilocode-feature': 'autocomplete' };
  const path = '/api/fim/completions';
  await (await world.ask({ path, token: person.token, body, headers })).text();
  expect(await metricOf(person.id)).toMatchObject({
    provider: 'mistral',
    requestedModel: 'mistralai/codestral-latest',
    isStreaming: true,
    statusCode: 200,
    ending: 'complete',
    toolsAvailable: [],
  });
});
