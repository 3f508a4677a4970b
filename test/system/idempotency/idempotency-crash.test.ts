import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyed, seen } from '../../support/keyed.ts';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// workerd is killed while somebody waits for an answer under an Idempotency-Key, and after.

let world: World;
beforeAll(async () => {
  world = await startWorld({ LEDGER_LEASE_SECONDS: '3' });
});
afterAll(() => world.stop());

const SLOW = 'sim/answer~tokens=60~delay=25';
const microdollars = (usd = 0) => Math.round(usd * 1_000_000);

async function crash(): Promise<void> {
  const { workerd } = world.pids();
  await world.kill('workerd');
  await eventually(() => world.pids().workerd !== workerd, 'a new workerd');
}

/** Two who ask at once, and one that comes in the middle. */
async function three(ask: () => Promise<Response>) {
  const first = await ask();
  const second = ask().then(seen);
  const reader = first.clone().body?.getReader();
  await reader?.read();
  const third = ask().then(seen);
  return Promise.all([seen(first), second, third]);
}

test('an answer that was complete is told by whoever comes after the crash: one generation, one charge, the same bytes', async () => {
  const { person, ask, calls } = await keyed(world, { model: SLOW });
  const [first, second, third] = await three(ask);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  await crash();
  expect(await seen(await ask())).toEqual(first);
  expect(calls()).toHaveLength(1);
  const cost = microdollars(calls()[0]?.cost);
  await eventually(async () => (await person.used()) === cost, 'the charge');
  expect(await person.rows(1)).toHaveLength(1);
});

test.each([
  ['before its lease has run out', []],
  ['after the ledger has given it up', [{ has_error: true }]],
])(
  'an answer that a crash broke off is made anew, %s, in the same row: two generations, one charge',
  async (_when, rows) => {
    const { person, ask, calls } = await keyed(world, { model: SLOW });
    const broken = await ask();
    const reader = broken.body?.getReader();
    await reader?.read();
    await reader?.read();
    await crash();
    await reader?.read().catch(() => undefined);
    await eventually(() => calls()[0]?.ending === 'client-left', 'the end of the first call');
    expect(await person.rows(rows.length)).toMatchObject(rows);

    const [first, second, third] = await three(ask);
    expect(first.text).toContain('[DONE]');
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(calls()).toHaveLength(2);
    const cost = microdollars(calls()[1]?.cost);
    await eventually(async () => (await person.used()) === cost, 'the charge');
    await eventually(
      async () => (await person.rows(1))[0]?.has_error === false,
      'the row of the whole answer',
    );
    expect(await person.rows(1)).toMatchObject([{ cost }]);
  },
);
