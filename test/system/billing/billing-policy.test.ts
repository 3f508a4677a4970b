import { plant } from '@gateway/db/seed';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, type World } from '../../support/world.ts';

// The billing policy: what each way costs in which a request can end. A cell of it is a test.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

type Person = Awaited<ReturnType<World['newcomer']>>;
const messages = [{ role: 'user', content: 'Hello!' }];
const microdollars = (usd: number) => Math.round(usd * 1_000_000);
const lastDelivered = () => {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};

/** Asks, and reads to the end. */
async function use(model: string, stream = true): Promise<Person> {
  const person = await world.newcomer(10);
  const body = { model, messages, stream };
  const response = await world.ask({ token: person.token, body });
  await response.text();
  return person;
}
/** Charged so, in the row and in the balance, and asked again it still is. */
async function expectCharge(person: Person, cost: number, row: object): Promise<void> {
  await eventually(async () => (await person.used()) === cost, `the charge of ${cost}`);
  await eventually(async () => (await person.rows(1))[0]?.cost === cost, 'the row');
  expect(await person.rows(1)).toMatchObject([{ cost, ...row }]);
  expect(await person.rows(1)).toHaveLength(1);
}

describe('complete, cost reported: the reported cost', () => {
  test.each([
    ['sim/answer', true],
    ['sim/answer', false],
    ['sim/no-done', true],
    ['sim/tool', true],
    ['sim/usage~usage-in=finish', true],
    ['sim/usage~cached=1000', true],
  ])('%s, streamed: %s', async (model, stream) => {
    const person = await use(model, stream);
    const cost = microdollars(lastDelivered().cost);
    expect(cost).toBeGreaterThan(0);
    await expectCharge(person, cost, { market_cost: cost, has_error: false });
  });
});

describe('complete, no cost', () => {
  test.each([true, false])('the generation is looked up, streamed: %s', async (stream) => {
    const person = await use('sim/no-usage', stream);
    const cost = microdollars(lastDelivered().cost);
    expect(cost).toBeGreaterThan(0);
    await expectCharge(person, cost, { market_cost: cost, has_error: false });
  });

  test('else 0, and an alarm', async () => {
    const person = await use('sim/no-usage~looks=9~looks-code=403');
    await expectCharge(person, 0, { market_cost: 0, has_error: false });
    const alarm = 'Timed out fetching openrouter generation';
    await eventually(() => world.workerLines.some((line) => line.includes(alarm)), 'the alarm');
  });
});

describe('client left', () => {
  async function leave(model: string): Promise<Person> {
    const person = await world.newcomer(10);
    const leaving = new AbortController();
    const body = { model, messages, stream: true };
    const response = await world.ask({ token: person.token, body, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    return person;
  }

  test('after the first byte: the provider is told, and what it took is charged', async () => {
    const person = await leave('sim/answer~tokens=2000~delay=10');
    const { cost, ending } = await world.simulator.ended(lastDelivered().sequence);
    expect(ending).toBe('client-left');
    expect(cost).toBeGreaterThan(0);
    await expectCharge(person, microdollars(cost), { cancelled: true, has_error: true });
  });

  // Where workerd itself holds the socket, a client that has gone is noticed when there is something to send it.
  test('before the first byte: the provider is told when it comes, and what it took until then is charged', async () => {
    const person = await world.newcomer(10);
    const before = world.simulator.log().length;
    const leaving = new AbortController();
    const body = {
      model: 'sim/slow-headers~headers=1000~tokens=2000~delay=10',
      messages,
      stream: true,
    };
    const asking = world.ask({ token: person.token, body, signal: leaving.signal });
    await eventually(() => world.simulator.log().length > before, 'the call');
    leaving.abort();
    await asking.catch(() => undefined);
    const { cost, ending, tokens } = await world.simulator.ended(lastDelivered().sequence);
    expect(ending).toBe('client-left');
    expect(tokens).toBeLessThan(2000);
    await expectCharge(person, microdollars(cost), { cancelled: true, has_error: true });
  });

  test('and the provider does not tell what it took: 0', async () => {
    const person = await leave('sim/answer~tokens=2000~delay=10~looks=9~looks-code=403');
    const { generationId } = await world.simulator.ended(lastDelivered().sequence);
    const looks = () =>
      world.simulator.looks().filter((look) => look.generationId === generationId);
    await eventually(() => looks().length === 1, 'the question');
    await expectCharge(person, 0, { market_cost: 0, cancelled: true, has_error: true });
    expect(await person.used()).toBe(0);
  });

  test('of a provider that keeps no records: by the bytes of the request and of what came', async () => {
    world.simulator.stand({
      scenario: 'stall~after=1~of=2000~alive~n=500~ms=20',
      base: 'mistral',
      requests: 1,
    });
    const person = await world.newcomer(10);
    const leaving = new AbortController();
    const body = { model: 'mistralai/codestral-2508', prompt: 'const a', stream: true };
    const asked = { path: '/api/fim/completions', token: person.token, body };
    const response = await world.ask({ ...asked, signal: leaving.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let read = '';
    while (!/"content":"[^"]+"/.test(read)) read += (await reader?.read())?.value ?? '';
    leaving.abort();
    const word = /"content":"(?<word>[^"]+)"/.exec(read)?.groups?.['word'] ?? '';
    // Two tokens for `const a`, at 0.3, and one for every four bytes of the first word, at 0.9.
    const cost = Math.round(2 * 0.3 + Math.ceil(word.length / 4) * 0.9);
    expect(cost).toBeGreaterThan(0);
    await expectCharge(person, cost, { provider: 'mistral', cancelled: true, has_error: true });
  });
});

describe('upstream cut, nothing recovered', () => {
  test.each(['sim/cut~after=6~of=12', 'sim/reset~after=6~of=12', 'sim/cut~at=900~of=12'])(
    '%s: the generation is looked up',
    async (model) => {
      const person = await use(model);
      await expectCharge(person, microdollars(lastDelivered().cost), { has_error: true });
    },
  );

  test('else 0: a failed stream is not billed by guess', async () => {
    const person = await use('sim/cut~after=6~of=12~looks=9~looks-code=403');
    await expectCharge(person, 0, { has_error: true });
  });
});

describe('upstream error before the first byte: 0', () => {
  test.each([
    'sim/status~code=400',
    'sim/status~code=402',
    'sim/status~code=429',
    'sim/status~code=500',
    'sim/html',
    'sim/error',
  ])('%s', async (model) => {
    await expectCharge(await use(model), 0, { has_error: true });
  });
});

describe('on the house: 0, and market_cost keeps the real one', () => {
  test('a free model', async () => {
    const person = await use('corethink:free');
    const cost = microdollars(lastDelivered().cost);
    expect(cost).toBeGreaterThan(0);
    await expectCharge(person, 0, { market_cost: cost, has_error: false });
  });

  test('an own key', async () => {
    const person = await world.newcomer(0);
    await plant(world.databaseUrl, {
      byok_api_keys: [
        {
          kilo_user_id: person.id,
          provider_id: 'anthropic',
          encrypted_api_key: sealedKey('sk-own', BYOK_ENCRYPTION_KEY),
          created_by: 'somebody',
        },
      ],
    });
    const body = { model: 'anthropic/claude-sonnet-4.6', messages, stream: true };
    await (await world.ask({ token: person.token, body })).text();
    const cost = microdollars(lastDelivered().cost);
    expect(cost).toBeGreaterThan(0);
    await expectCharge(person, 0, { market_cost: cost, is_user_byok: true });
  });

  test('a free model of a caller without an account', async () => {
    const before = world.workerLines.length;
    const body = { model: 'corethink:free', messages, stream: true };
    await (await world.ask({ body })).text();
    const line = () => world.workerLines.slice(before).find((text) => text.includes('"anon:'));
    await eventually(() => line() !== undefined, 'the line of the exchange');
    expect(line()).toContain('"cost":0');
  });
});
