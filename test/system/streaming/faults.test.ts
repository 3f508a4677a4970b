import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Attempt, attemptsOf, gatewayAt } from '../../support/attempts.ts';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// What a caller sees while one gateway fails and the other, which has the same model, does not.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.reset());

const messages = [{ role: 'user', content: 'Hello!' }];
const microdollars = (usd: number) => Math.round(usd * 1_000_000);
const asked = () => world.simulator.log().map(({ path }) => gatewayAt(path));

type Saw = {
  readonly person: Awaited<ReturnType<World['newcomer']>>;
  readonly status: number;
  readonly provider: string | null;
  readonly text: string;
  readonly seconds: number;
};
/** Asks with OpenRouter as it is told, and reads to the end. */
async function ask(scenario: string, more: object = {}): Promise<Saw> {
  const person = await world.newcomer(10);
  const began = performance.now();
  const response = await world.ask({
    token: person.token,
    body: { model: `sim/${scenario}~on=api`, messages, stream: true, ...more },
  });
  const text = await response.text();
  return {
    person,
    status: response.status,
    provider: response.headers.get('x-gateway-provider'),
    text,
    seconds: (performance.now() - began) / 1000,
  };
}

/** Once, in order, whole: what the text of all events is together. */
const contentOf = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => (line.startsWith('data: {') ? [line.slice('data: '.length)] : []))
    .map((data) => /"content":"((?:[^"\\]|\\.)*)"/.exec(data)?.[1] ?? '')
    .join('');
let whole: string | undefined;
async function wholeAnswer(): Promise<string> {
  whole ??= contentOf((await ask('answer')).text);
  return whole;
}

/** Charged is the answer that the client got, and nothing else: of all attempts, one. */
async function expectCharge({ person }: Saw, attempts: readonly Partial<Attempt>[]): Promise<void> {
  const last = world.simulator.log().findLast(({ ending }) => ending === 'complete');
  const cost = microdollars(last?.cost ?? 0);
  expect(cost).toBeGreaterThan(0);
  await eventually(async () => (await person.used()) === cost, `the charge of ${cost}`);
  const [row, ...others] = await person.rows(1);
  expect(row).toMatchObject({ cost, has_error: false, provider: attempts.at(-1)?.provider });
  expect(others).toEqual([]);
  expect(await attemptsOf(world.databaseUrl, row?.id ?? '')).toMatchObject(attempts);
}

describe('an answer that OpenRouter does not give comes from Vercel, once and whole', () => {
  test.each<[string, number | null, string]>([
    ['status~code=429~retry-after=2~times=1', 429, 'failed'],
    ['status~code=429', 429, 'failed'],
    ['status~code=500~times=1', 500, 'failed'],
    ['status~code=503', 503, 'failed'],
    ['status~code=402', 402, 'failed'],
    ['reset', null, 'unreachable'],
    ['cut~after=0', 200, 'cut'],
    ['error~code=502', 200, 'failed'],
    ['error', 200, 'failed'],
  ])('%s', async (scenario, status, ending) => {
    const expected = await wholeAnswer();
    world.simulator.reset();
    const saw = await ask(scenario);
    expect(saw).toMatchObject({ status: 200, provider: 'vercel' });
    expect(contentOf(saw.text)).toBe(expected);
    expect(saw.text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(saw.text).not.toContain('"error"');
    expect(asked()).toEqual(['openrouter', 'vercel']);
    await expectCharge(saw, [
      { n: 1, provider: 'openrouter', status, ending, upstream_cost: null },
      { n: 2, provider: 'vercel', status: 200, ending: 'complete' },
    ]);
  });

  test.each(['bad-json', 'empty', 'cut~after=6', 'status~code=503'])(
    'not streamed: %s',
    async (scenario) => {
      const saw = await ask(scenario, { stream: false });
      expect(saw).toMatchObject({ status: 200, provider: 'vercel' });
      expect(JSON.parse(saw.text)).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
      await expectCharge(saw, [{ provider: 'openrouter' }, { provider: 'vercel' }]);
    },
  );

  test('a bill of the house that is unpaid at both is a 503, and not asked again', async () => {
    world.simulator.stand({ scenario: 'status~code=402' });
    const saw = await ask('answer');
    expect(saw.status).toBe(503);
    expect(asked()).toEqual(['openrouter', 'vercel']);
  });
});

describe('a first token that does not come', () => {
  test.each(['never', 'slow-first~first=30000', 'silent~n=100~ms=500'])(
    '%s: the answer comes from Vercel before 15 s have passed',
    async (scenario) => {
      const saw = await ask(scenario);
      expect(saw).toMatchObject({ status: 200, provider: 'vercel' });
      expect(saw.seconds).toBeLessThan(15);
      expect(saw.text).toContain('[DONE]');
      await expectCharge(saw, [
        { n: 1, provider: 'openrouter', ending: 'hedged-late', upstream_cost: null },
        { n: 2, provider: 'vercel', ending: 'complete' },
      ]);
      const [first] = world.simulator.log();
      expect((await world.simulator.ended(first?.sequence ?? 0)).ending).toBe('client-left');
    },
  );
});

describe('what is said of the request itself is not asked again', () => {
  test.each(['context-length', 'content-policy', 'status~code=404', 'status~code=422'])(
    '%s',
    async (scenario) => {
      const saw = await ask(scenario);
      expect(saw.status).toBeGreaterThanOrEqual(400);
      expect(saw.status).toBeLessThan(500);
      expect(saw.provider).toBe('openrouter');
      expect(asked()).toEqual(['openrouter']);
      expect(await saw.person.used()).toBe(0);
    },
  );
});

test('an answer without [DONE] is a whole answer', async () => {
  const saw = await ask('no-done');
  expect(saw).toMatchObject({ status: 200, provider: 'openrouter' });
  expect(asked()).toEqual(['openrouter']);
  await expectCharge(saw, [{ n: 1, provider: 'openrouter', ending: 'complete' }]);
});

describe('an answer that breaks off in the middle, with nobody to go on with it, says so, and is never taken for a whole one', () => {
  test.each([
    'cut~after=40~of=60',
    'reset~after=40~of=60',
    'stall~after=20~of=60~ms=30000~then=fin',
  ])('%s', async (scenario) => {
    world.simulator.stand({ scenario: 'answer~prefill=reject', base: 'vercel' });
    const saw = await ask(scenario);
    expect(saw).toMatchObject({ status: 200, provider: 'openrouter' });
    expect(saw.seconds).toBeLessThan(30);
    expect(saw.text).toContain('"finish_reason":"error"');
    expect(saw.text.match(/\[DONE\]/g)).toHaveLength(1);
    const cost = microdollars(world.simulator.log()[0]?.cost ?? 0);
    await eventually(async () => (await saw.person.used()) === cost, `the charge of ${cost}`);
    expect(await saw.person.rows(1)).toMatchObject([{ has_error: true }]);
  });
});

describe('where both fail', () => {
  test('the client hears what the last one said, soon, and neither was hammered', async () => {
    world.simulator.stand({ scenario: 'status~code=503' });
    const saw = await ask('answer');
    expect(saw.status).toBe(503);
    expect(saw.seconds).toBeLessThan(8);
    const log = world.simulator.log();
    expect(log).toHaveLength(6);
    const starts = log.map(({ at }) => at);
    for (const from of starts) {
      expect(starts.filter((at) => at >= from && at < from + 1400).length).toBeLessThanOrEqual(2);
    }
    expect(await saw.person.used()).toBe(0);
  });

  test('that one does not have the model hides nothing of what the other one said', async () => {
    world.simulator.stand({ scenario: 'status~code=404', base: 'vercel' });
    const saw = await ask('status~code=503');
    expect(saw).toMatchObject({ status: 503, provider: 'openrouter' });
  });

  test('an answer that never begins is an error, not an empty success', async () => {
    world.simulator.stand({ scenario: 'cut~after=0' });
    const saw = await ask('answer');
    expect(saw.text).toContain('"finish_reason":"error"');
  });
});

describe('a model that one gateway alone has', () => {
  test('is tried there again, after the time that it asked for', async () => {
    const { token } = await world.newcomer(10);
    const model = 'sim/status~code=429~retry-after=2~times=1:nitro';
    const response = await world.ask({ token, body: { model, messages, stream: true } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('[DONE]');
    const [first, second] = world.simulator.log();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1950);
  });

  test('and not, where that asks for longer than anybody waits', async () => {
    const { token } = await world.newcomer(10);
    const model = 'sim/status~code=429~retry-after=60:nitro';
    const response = await world.ask({ token, body: { model, messages, stream: true } });
    expect(response.status).toBe(429);
    await response.text();
    expect(asked()).toEqual(['openrouter']);
  });
});

test('a cost that the answer does not tell is asked of the gateway that answered, and is the price of its attempt', async () => {
  world.simulator.stand({ scenario: 'error~code=502', base: 'api' });
  const person = await world.newcomer(10);
  const body = { model: 'sim/no-usage', messages, stream: true };
  await (await world.ask({ token: person.token, body })).text();
  const [failed, answered] = world.simulator.log();
  const cost = microdollars(answered?.cost ?? 0);
  expect(cost).toBeGreaterThan(0);
  await eventually(async () => (await person.used()) === cost, `the charge of ${cost}`);
  await eventually(async () => (await person.rows(1))[0]?.cost === cost, 'the row');
  const [row] = await person.rows(1);
  expect(row).toMatchObject({ provider: 'vercel', message_id: answered?.generationId });
  expect(await attemptsOf(world.databaseUrl, row?.id ?? '')).toMatchObject([
    { n: 1, generation_id: failed?.generationId, upstream_cost: null },
    { n: 2, generation_id: answered?.generationId, upstream_cost: cost },
  ]);
  const looks = world.simulator.looks().map(({ generationId }) => generationId);
  // Those of earlier answers may still be asked for what else is known of them.
  expect(looks).toContain(answered?.generationId);
  expect(looks).not.toContain(failed?.generationId);
});

test('an own key that fails is never replaced by the account of the house', async () => {
  world.simulator.stand({ scenario: 'status~code=503' });
  const body = { model: 'openai/gpt-5.2', messages, stream: true };
  const response = await world.ask({ token: world.tokens['grace'] ?? '', body });
  expect(response.status).toBe(503);
  await response.text();
  expect(world.simulator.log().length).toBeGreaterThan(1);
  for (const { path, rawBody } of world.simulator.log()) {
    expect(path).toBe('/vercel/v1/chat/completions');
    expect(rawBody).toContain('"byok"');
  }
});

test('a request that forbids Vercel is never sent there', async () => {
  const saw = await ask('status~code=503', { provider: { data_collection: 'deny' } });
  expect(saw.status).toBe(503);
  expect(new Set(asked())).toEqual(new Set(['openrouter']));
});

test('a gateway that keeps failing is not asked first any more, until it answers again', async () => {
  const model = 'maker/down-for-a-while';
  world.simulator.stand({ scenario: 'status~code=503', base: 'api' });
  const { token } = await world.newcomer(10);
  const providerOf = async () => {
    const response = await world.ask({ token, body: { model, messages, stream: true } });
    await response.text();
    return response.headers.get('x-gateway-provider');
  };
  for (let count = 0; count < 10; count += 1) expect(await providerOf()).toBe('vercel');
  expect(asked().filter((gateway) => gateway === 'openrouter').length).toBeLessThanOrEqual(4);
  world.simulator.stand({ scenario: null });
  const back = performance.now();
  await eventually(async () => (await providerOf()) === 'openrouter', 'its traffic');
  expect(performance.now() - back).toBeLessThan(30_000);
});
