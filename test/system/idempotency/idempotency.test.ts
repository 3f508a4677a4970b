import { randomUUID } from 'node:crypto';
import { run } from '@gateway/db/test-database';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keyed, seen } from '../../support/keyed.ts';
import { eventually } from '../../support/launcher.ts';
import { slowClient } from '../../support/slow-client.ts';
import { startWorld, type World } from '../../support/world.ts';

// Requests that name an Idempotency-Key: one generation and one charge, however often they are sent.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const SLOW = 'sim/answer~tokens=60~delay=25';
const microdollars = (usd = 0) => Math.round(usd * 1_000_000);

describe.each([
  ['an answer that is streamed', { stream: true }],
  ['an answer as a whole', { stream: false }],
])('%s', (_name, form) => {
  test('is told again, to the byte and with its headers, without another call or charge', async () => {
    const { person, ask, calls } = await keyed(world, form);
    const first = await seen(await ask());
    expect(first.status).toBe(200);
    expect(await seen(await ask())).toEqual(first);
    expect(await seen(await ask())).toEqual(first);
    expect(calls()).toHaveLength(1);
    const cost = microdollars(calls()[0]?.cost);
    expect(await person.rows(1)).toMatchObject([{ cost }]);
    expect(await person.used()).toBe(cost);
  });

  test('is made once for two who ask at the same time', async () => {
    const { person, ask, calls } = await keyed(world, { ...form, model: SLOW });
    const [one, two] = await Promise.all([ask().then(seen), ask().then(seen)]);
    expect(one.status).toBe(200);
    expect(two).toEqual(one);
    expect(calls()).toHaveLength(1);
    expect(await person.rows(1)).toHaveLength(1);
  });
});

test('who comes in the middle of an answer gets all of it, from the first byte on', async () => {
  const { person, ask, calls } = await keyed(world, { model: SLOW });
  const first = await ask();
  const reader = first.clone().body?.getReader();
  await reader?.read();
  await reader?.read();
  const joined = seen(await ask());
  expect(calls()[0]?.ending).toBe('open');
  expect(await joined).toEqual(await seen(first));
  expect(calls()).toHaveLength(1);
  expect(await person.rows(1)).toHaveLength(1);
});

test('who leaves ends nothing: a repeat gets the whole answer', async () => {
  const { person, ask, calls } = await keyed(world, { model: SLOW });
  const leaving = new AbortController();
  const response = await ask({ signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  const { status, text } = await seen(await ask());
  expect(status).toBe(200);
  expect(text).toContain('[DONE]');
  expect(calls()).toMatchObject([{ ending: 'complete' }]);
  expect(await person.rows(1)).toMatchObject([{ has_error: false }]);
  expect((await seen(await ask())).text).toBe(text);
});

test('another body under the same key is refused, and changes nothing', async () => {
  const { ask, calls } = await keyed(world);
  const first = await seen(await ask());
  const other = await ask({ body: { temperature: 1 } });
  expect(other.status).toBe(409);
  expect(await other.json()).toEqual({
    error: 'Idempotency key reused',
    message: 'This Idempotency-Key was used with a different request body.',
  });
  const known = await ask({ body: { temperature: 1 }, path: '/api/v1/chat/completions' });
  expect(await known.json()).toEqual({
    error: { code: 409, message: 'This Idempotency-Key was used with a different request body.' },
  });
  expect(await seen(await ask())).toEqual(first);
  expect(calls()).toHaveLength(1);
});

test.each(['/api/gateway/chat/completions', '/api/v1/chat/completions'])(
  'a key holds under %s as well',
  async (path) => {
    const { ask, calls } = await keyed(world);
    const first = await seen(await ask({ path }));
    expect(first.status).toBe(200);
    expect(await seen(await ask({ path }))).toEqual(first);
    expect(calls()).toHaveLength(1);
  },
);

test('a key is its callers own: another one with the same key gets an answer of their own', async () => {
  const { key, ask, calls } = await keyed(world);
  const other = await keyed(world);
  await seen(await ask());
  const { status } = await seen(await other.ask({ headers: { 'idempotency-key': key } }));
  expect(status).toBe(200);
  expect(calls()).toHaveLength(1);
  expect(other.calls()).toHaveLength(1);
});

describe('what is no answer frees the key', () => {
  test('a refusal: who has credit by then is answered', async () => {
    const { person, ask, calls } = await keyed(world, {}, 0);
    expect((await seen(await ask())).status).toBe(402);
    await run(
      world.databaseUrl,
      `update kilocode_users set total_microdollars_acquired = 10000000 where id = '${person.id}'`,
    );
    await eventually(async () => (await seen(await ask())).status === 200, 'an answer');
    expect(calls()).toHaveLength(1);
  });

  test.each([
    ['gateways that are down', 'status~code=503', 503],
    ['an error of the provider', 'content-policy', 400],
    ['an answer that was cut', 'cut~after=4', 200],
    ['an error inside of the answer', 'error~after=4', 200],
  ])('%s', async (_name, scenario, status) => {
    const { person, ask, calls } = await keyed(world);
    world.simulator.stand({ scenario });
    const first = await seen(await ask());
    expect(first.status).toBe(status);
    expect(first.text).not.toContain('"finish_reason":"stop"');
    world.simulator.stand({ scenario: null });
    const failed = calls().length;
    const second = await seen(await ask());
    expect(second.status).toBe(200);
    expect(second.text).toContain('"finish_reason":"stop"');
    expect(await seen(await ask())).toEqual(second);
    expect(calls()).toHaveLength(failed + 1);
    expect(await person.rows(2)).toHaveLength(2);
  });
});

describe('an answer of more than 4 MiB', () => {
  test('is told as it comes, to all who ask in time, and is not kept', async () => {
    const { person, ask, calls } = await keyed(world, { model: 'sim/huge~mb=6' });
    const first = await seen(await ask());
    expect(first.status).toBe(200);
    expect(first.text.length).toBeGreaterThan(6_000_000);
    expect(first.text.endsWith('data: [DONE]\n\n')).toBe(true);
    const again = await ask();
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ error: 'Idempotency key used' });
    expect(calls()).toHaveLength(1);
    expect(await person.rows(1)).toHaveLength(1);
  });
});

test('a client that does not read holds nobody up, and has it all in the end', async () => {
  const { person, key, body, ask, calls } = await keyed(world, { model: 'sim/huge~mb=3' });
  const headers = { 'idempotency-key': key };
  const slow = slowClient({ url: world.url, token: person.token, body, headers });
  await eventually(() => calls().length === 1, 'the call');
  const { text } = await seen(await ask());
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(calls()).toMatchObject([{ ending: 'complete' }]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of slow) chunks.push(Buffer.from(chunk));
  const received = Buffer.concat(chunks).toString();
  expect(received.startsWith('HTTP/1.1 200')).toBe(true);
  expect(received.length).toBeGreaterThan(text.length);
  expect(received).toContain('data: [DONE]');
});

test('a request of the largest size is answered once as well', async () => {
  const content = `${randomUUID()} ${'x'.repeat(19 * 1024 * 1024)}`;
  const { ask, calls } = await keyed(world, { messages: [{ role: 'user', content }] });
  const first = await seen(await ask());
  expect(first.status).toBe(200);
  expect(await seen(await ask())).toEqual(first);
  expect(calls()).toEqual([]);
  const asked = world.simulator.log().filter(({ rawBody }) => rawBody?.includes(content));
  expect(asked).toHaveLength(1);

  const tooLarge = await ask({ body: { extra: 'x'.repeat(1024 * 1024) } });
  expect(tooLarge.status).toBe(413);
});

describe('a key that is none', () => {
  test.each([
    ['with a blank', 'a key'],
    ['beyond 255 characters', 'k'.repeat(256)],
    ['beyond ASCII', 'cl\u00e9'],
    ['without a character', ''],
  ])('%s is refused', async (_name, key) => {
    const { ask, calls } = await keyed(world);
    const response = await ask({ headers: { 'idempotency-key': key } });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: 'Invalid Idempotency-Key',
      message: 'An Idempotency-Key must be 1 to 255 visible ASCII characters.',
    });
    expect(calls()).toHaveLength(0);
  });

  test('of 255 characters is one', async () => {
    const { ask } = await keyed(world);
    expect(
      (await seen(await ask({ headers: { 'idempotency-key': 'k'.repeat(255) } }))).status,
    ).toBe(200);
  });
});

test('without an account, a key says nothing: each request is answered by itself', async () => {
  const body = {
    model: 'minimax/minimax-m2.5:free',
    messages: [{ role: 'user', content: randomUUID() }],
  };
  const ask = () => world.ask({ body, headers: { 'idempotency-key': 'a key' } });
  const before = world.simulator.log().length;
  expect((await seen(await ask())).status).toBe(200);
  expect((await seen(await ask())).status).toBe(200);
  expect(world.simulator.log().length).toBe(before + 2);
});

test('a token that is no longer valid gets no answer that was kept', async () => {
  const { ask } = await keyed(world);
  await seen(await ask());
  const response = await ask({ headers: { authorization: 'Bearer of nothing' } });
  expect(response.status).toBe(401);
});

test('a line of the log tells of the answer once, under the id of the request that began it', async () => {
  const { ask } = await keyed(world);
  const first = await ask();
  const second = await ask();
  await Promise.all([first.text(), second.text()]);
  const linesOf = (response: Response) =>
    world.workerLines.filter(
      (line) =>
        line.includes('"exchange"') && line.includes(response.headers.get('x-request-id') ?? ' '),
    );
  await eventually(() => linesOf(first).length > 0, 'a line');
  expect(linesOf(second)).toEqual([]);
});
