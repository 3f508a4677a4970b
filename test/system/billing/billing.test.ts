import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user', content: 'Hello!' }] };
const microdollars = (usd: number) => Math.round(usd * 1_000_000);
const lastDelivered = () => {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};

test('a client that hangs up still pays for what it got, once the provider tells what that was', async () => {
  const person = await world.newcomer(10);
  const leaving = new AbortController();
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'sim/answer~tokens=1000~delay=10', stream: true },
    signal: leaving.signal,
  });
  await response.body?.getReader().read();
  const { sequence } = lastDelivered();
  leaving.abort();
  const { cost, tokens } = await world.simulator.ended(sequence);
  expect(cost).toBeGreaterThan(0);

  await eventually(async () => (await person.used()) === microdollars(cost), 'the charge');
  expect(await person.rows(1)).toMatchObject([
    {
      cost: microdollars(cost),
      market_cost: microdollars(cost),
      output_tokens: tokens,
      cancelled: true,
      has_error: true,
    },
  ]);
});

test.each(['sim/no-usage', 'sim/no-usage~looks=2'])(
  'an answer without its cost (%s) is charged by the record of its generation',
  async (model) => {
    const person = await world.newcomer(10);
    const response = await world.ask({
      token: person.token,
      body: { ...hello, model, stream: true },
    });
    await response.text();
    const { cost, generationId } = lastDelivered();
    await eventually(async () => (await person.used()) === microdollars(cost), 'the charge');
    expect(await person.rows(1)).toMatchObject([{ cost: microdollars(cost), has_error: false }]);
    expect(world.simulator.looks().some((look) => look.generationId === generationId)).toBe(true);
  },
);

test('what a provider may know later is asked again: whatever else than a refusal it says of its record', async () => {
  const charged = async (code: number) => {
    const person = await world.newcomer(10);
    const model = `sim/no-usage~looks=1~looks-code=${code}`;
    await (await world.ask({ token: person.token, body: { ...hello, model } })).text();
    const cost = world.simulator.log().find((delivered) => delivered.model === model)?.cost ?? 0;
    expect(cost).toBeGreaterThan(0);
    await eventually(async () => (await person.used()) === microdollars(cost), `after a ${code}`);
  };
  await Promise.all([404, 408, 409, 425, 429, 500, 503].map(charged));
});

test('where the cost is known, the provider is asked what else it knows: that it tells another cost changes none, and is an alarm', async () => {
  const person = await world.newcomer(10);
  const body = { ...hello, model: 'sim/answer~looked-cost=0.5', stream: true };
  await (await world.ask({ token: person.token, body })).text();
  const cost = microdollars(lastDelivered().cost);
  const isConfirmed = async () => typeof (await person.rows(1))[0]?.['upstream_id'] === 'string';
  await eventually(isConfirmed, 'what the provider knows');
  const [row] = await person.rows(1);
  expect(row).toMatchObject({ cost, market_cost: cost });
  expect(row?.['latency']).toBeTypeOf('number');
  expect(await person.used()).toBe(cost);
  const alarm = 'The record of a generation tells another cost than its answer did';
  await eventually(() => world.workerLines.some((line) => line.includes(alarm)), 'the alarm');
});

test.each([
  ['a negative cost', 'sim/usage~cost=-1'],
  ['a cost above a thousand dollars', 'sim/usage~cost=1001'],
])(
  '%s is not believed: nothing is charged, and the row says that it is wrong',
  async (_name, model) => {
    const person = await world.newcomer(10);
    await (
      await world.ask({ token: person.token, body: { ...hello, model, stream: true } })
    ).text();
    expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true }]);
    expect(await person.used()).toBe(0);
  },
);

test("with a key of the house's own, the price of the inference provider is charged, not the fee", async () => {
  const person = await world.newcomer(10);
  const body = { ...hello, model: 'sim/usage~byok=yes', stream: true };
  await (await world.ask({ token: person.token, body })).text();
  const cost = microdollars(lastDelivered().cost);
  expect(await person.rows(1)).toMatchObject([{ cost, is_byok: true }]);
});
