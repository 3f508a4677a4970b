import { createHash } from 'node:crypto';
import { run } from '@gateway/db/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { sentryDsn, sentryEvents } from '../../support/sentry-events.ts';
import { type Sink, startSink } from '../../support/sink.ts';
import { startWorld, type World } from '../../support/world.ts';

// What an operator is told of. Every name is what a filter of theirs may be built on.

let sentry: Sink;
let world: World;
beforeAll(async () => {
  sentry = await startSink();
  world = await startWorld({ SENTRY_DSN: sentryDsn(sentry) });
});
afterAll(async () => {
  await world.stop();
  await sentry.close();
});

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const messages = [{ role: 'user', content: 'Hello' }];
const askWith = async (model: string, stream = true) => {
  const person = await world.newcomer(10);
  const response = await world.ask({ token: person.token, body: { model, messages, stream } });
  await response.text();
  const [row] = await person.rows(1);
  return { person, id: row?.id };
};
const eventsOf = (exchange: string | undefined) =>
  sentryEvents(sentry).filter(({ extra }) => extra['exchange'] === exchange);
const logged = (exchange: string | undefined) =>
  world.workerLines.filter((line) => line.includes(exchange ?? 'none'));

test.each([
  ['sim/status~code=402', 'returned 402 Payment Required', 402],
  ['sim/status~code=401', 'returned 401 Unauthorized', 401],
  ['sim/status~code=500', 'returned error 500', 500],
  ['sim/status~code=503', 'returned error 503', 503],
])('%s is an alarm, once for each gateway that was asked', async (model, message, status) => {
  const { person, id } = await askWith(model, false);
  await eventually(() => eventsOf(id).length > 1, 'the reports');
  const alarmOf = (provider: string, code: object) => ({
    level: 'error',
    message: `${provider} ${message}`,
    tags: { source: 'openrouter-proxy' },
    user: { id: person.id },
    environment: 'development',
    extra: {
      kiloUserId: person.id,
      provider,
      model,
      status,
      responseContentType: 'application/json',
      ...code,
    },
  });
  const sorted = eventsOf(id).toSorted((a, b) => ((a.message ?? '') < (b.message ?? '') ? -1 : 1));
  expect(sorted).toMatchObject([alarmOf('openrouter', {}), alarmOf('vercel', { code: status })]);
});

test('an unpaid bill that another gateway answers for is an alarm all the same', async () => {
  const { id } = await askWith('sim/status~code=402~on=api');
  await eventually(() => eventsOf(id).length > 0, 'the report');
  expect(eventsOf(id)).toMatchObject([
    { level: 'error', message: 'openrouter returned 402 Payment Required' },
  ]);
});

test.each(['sim/status~code=400', 'sim/status~code=429'])(
  '%s is only a line of the log',
  async (model) => {
    const { id } = await askWith(model, false);
    await eventually(() => logged(id).some((line) => line.includes('returned error')), 'the line');
    expect(eventsOf(id)).toEqual([]);
  },
);

test.each<[string, boolean, string, string]>([
  ['sim/usage~byok=none', false, 'SUSPICIOUS: is_byok is null', 'string_processing'],
  [
    'sim/usage~byok=null',
    true,
    "SUSPICIOUS: openrouters cost accounting doesn't make sense",
    'sse_processing',
  ],
  [
    'sim/usage~byok=yes~cost=0.01~upstream=0.5',
    true,
    "SUSPICIOUS: openrouters cost accounting doesn't make sense",
    'sse_processing',
  ],
  ['sim/no-usage', true, 'SUSPICIOUS: No usage chunk in stream', 'usage_processing'],
  ['sim/no-usage', false, 'SUSPICIOUS: No usage information', 'string_processing'],
  ['sim/malformed', true, 'SUSPICIOUS: No JSON in SSE event', 'sse_processing'],
  ['sim/error~after=3', true, 'OpenRouter error', 'sse_processing'],
  ['sim/usage~cost=-1', true, 'SUSPICIOUS: a cost that can not be', 'sse_processing'],
])('%s (streamed: %s) is the alarm "%s"', async (model, stream, message, source) => {
  const { id } = await askWith(model, stream);
  const found = () => eventsOf(id).filter((event) => event.message === message);
  await eventually(() => found().length > 0, 'the alarm');
  expect(found()).toMatchObject([{ tags: { source }, extra: { model, provider: 'openrouter' } }]);
});

test.each([
  ['sim/answer', true],
  ['sim/answer', false],
  // A fee of a twentieth, and a promotion without one.
  ['sim/usage~byok=yes', true],
  ['sim/usage~byok=yes~cost=0~upstream=0.5', true],
])('%s (streamed: %s) is no alarm', async (model, stream) => {
  const { id } = await askWith(model, stream);
  await eventually(() => logged(id).length > 0, 'the line of the exchange');
  expect(logged(id)).toHaveLength(1);
  expect(logged(id)[0]).toContain('"level":"info"');
});

test.each([true, false])(
  'an answer that we price by a tariff is no alarm: its provider says nothing of a cost (streamed: %s)',
  async (stream) => {
    world.simulator.stand({
      scenario: 'answer~cost=none~byok=none~upstream=none',
      base: 'mistral',
    });
    const person = await world.newcomer(10);
    const body = { model: 'mistralai/codestral-2508', prompt: 'const a', suffix: ';', stream };
    const path = '/api/fim/completions';
    await (await world.ask({ path, token: person.token, body })).text();
    const [row] = await person.rows(1);
    expect(row?.cost).toBeGreaterThan(0);
    await eventually(() => logged(row?.id).length > 0, 'the line of the exchange');
    expect(logged(row?.id)).toHaveLength(1);
  },
);

test('an answer whose cost nobody can tell is an alarm', async () => {
  const { id } = await askWith('sim/no-usage~looks=9~looks-code=403');
  const found = () =>
    eventsOf(id).filter(({ message }) => message === 'Timed out fetching openrouter generation');
  await eventually(() => found().length > 0, 'the alarm');
  expect(found()).toMatchObject([
    { level: 'error', tags: { source: 'openrouter_generation_fetch' } },
  ]);
});

test("a record that does not tell what the house's own key was charged is an alarm, and charged by the fee", async () => {
  const { person, id } = await askWith('sim/no-usage~byok=yes~upstream=none');
  const message = 'SUSPICIOUS: openrouter missing upstream_inference_cost';
  const found = () => eventsOf(id).filter((event) => event.message === message);
  await eventually(() => found().length > 0, 'the alarm');
  expect(found()).toMatchObject([
    { level: 'error', tags: { source: 'openrouter_generation_fetch' } },
  ]);
  // The fee is a twentieth.
  const price = Math.round((world.simulator.log().at(-1)?.usage?.cost ?? 0) * 20 * 1_000_000);
  expect(price).toBeGreaterThan(0);
  await eventually(async () => (await person.used()) === price, 'the charge');
});

test('a charge whose payer is gone is the loudest alarm there is', async () => {
  const person = await world.newcomer(10);
  const body = { model: 'sim/answer~headers=500', messages };
  const asking = world.ask({ token: person.token, body });
  const isAsked = () => world.simulator.log().at(-1)?.model === body.model;
  await eventually(isAsked, 'the call');
  await run(world.databaseUrl, `delete from kilocode_users where id = '${person.id}'`);
  await (await asking).text();
  const [row] = await person.rows(1);
  expect(row?.cost).toBeGreaterThan(0);
  await eventually(() => eventsOf(row?.id).length > 0, 'the alarm');
  expect(eventsOf(row?.id)).toMatchObject([
    {
      level: 'fatal',
      message: 'impossible: missing user',
      tags: { source: 'insertUsageAndUpdateBalance' },
      user: { id: person.id },
    },
  ]);
});

test('a body that is no JSON is told by its size, its hash and where reading ended, never by its text', async () => {
  const body = '{"model":"m","canary-41":[1,2}';
  const response = await world.ask({ body });
  expect(response.status).toBe(400);
  const found = () =>
    sentryEvents(sentry).filter(({ message }) => message === 'Invalid JSON in a request body');
  await eventually(() => found().length > 0, 'the report');
  expect(found()).toMatchObject([
    { level: 'warning', extra: { bytes: body.length, position: 29, hash: hashOf(body) } },
  ]);
  expect(
    sentry
      .received()
      .map(({ text }) => text)
      .join(),
  ).not.toContain('canary-41');
});

test('of one kind, Sentry is sent ten a minute, and the log has them all', async () => {
  const message = 'Invalid JSON in a request body';
  const lines = () => world.workerLines.filter((line) => line.includes(message)).length;
  const before = lines();
  for (let n = 0; n < 30; n += 1) await (await world.ask({ body: `[${n}` })).text();
  await eventually(() => lines() === before + 30, 'the lines');
  // Another kind comes through all the same, and after whatever was sent before it.
  const { id } = await askWith('sim/status~code=501', false);
  await eventually(() => eventsOf(id).length === 2, 'another kind');
  const sent = sentryEvents(sentry).filter((event) => event.message === message).length;
  expect(sent).toBeGreaterThanOrEqual(10);
  // A minute may have begun in the meantime.
  expect(sent).toBeLessThanOrEqual(20);
});

test('a bug is told by its name and place, and by nothing that it failed on', async () => {
  const broken = await startWorld({ SENTRY_DSN: sentryDsn(sentry), CLIENT_ADDRESS: 'canary-42' });
  try {
    const response = await broken.ask({ body: { model: 'sim/answer', messages } });
    expect(response.status).toBe(500);
    const found = () => sentryEvents(sentry).filter(({ exception }) => exception !== undefined);
    await eventually(() => found().length > 0, 'the report');
    expect(found()).toMatchObject([
      {
        level: 'error',
        exception: { values: [{ type: 'ZodError' }] },
        tags: { source: 'openrouter-proxy' },
      },
    ]);
    expect(String(found()[0]?.extra['place'])).toMatch(/^at \S+ \(index\.js:\d+:\d+\)/);
  } finally {
    await broken.stop();
  }
  const told = [...sentry.received().map(({ text }) => text), ...broken.workerLines].join();
  expect(told).not.toContain('canary-42');
});
