import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const Refused = z.object({ error: z.object({ balance: z.number() }) });
const PARALLEL = 100;
/** Two cents each, and slow enough that all of them are asked while the first still run. */
const body = {
  model: 'sim/answer~cost=0.02~first=1000',
  messages: [{ role: 'user', content: 'Hello' }],
};

const askAtOnce = async (token: string): Promise<readonly Response[]> =>
  Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      const response = await world.ask({ token, body });
      await response.clone().text();
      return response;
    }),
  );

test('a hundred requests at once never spend more than a balance of ten cents and one request', async () => {
  const payer = await world.newcomer(0.1);
  const responses = await askAtOnce(payer.token);
  const served = responses.filter(({ status }) => status === 200);
  const refused = responses.filter(({ status }) => status !== 200);

  const rows = await payer.rows(served.length);
  const spent = rows.reduce((sum, { cost }) => sum + cost, 0);
  console.log(`Of 10 cents, ${served.length} requests spent ${spent / 10_000} cents.`);
  expect(served.length).toBeGreaterThan(0);
  expect(spent).toBe(served.length * 20_000);
  // What the admitted cost beyond their holds; with equal costs that is never more than one of them.
  expect(spent).toBeLessThanOrEqual(100_000 + 20_000);
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 429));
  const [first] = refused;
  expect(first?.headers.get('retry-after')).toBe('2');
  expect(await first?.json()).toEqual({
    error: 'Too many requests in progress',
    message: 'Your balance is reserved by requests that are still running. Please retry shortly.',
  });
  await expect.poll(payer.used).toBe(spent);
});

test('a balance is used up to its end: what was held and not used can be held again', async () => {
  const payer = await world.newcomer(0.1);
  const told: unknown[] = [];
  for (let n = 0; n < 7; n += 1) {
    const response = await world.ask({
      token: payer.token,
      body: { ...body, model: 'sim/answer~cost=0.02' },
    });
    const text = await response.text();
    told.push(response.status === 200 ? 200 : Refused.parse(JSON.parse(text)).error.balance);
  }
  expect(told).toEqual([200, 200, 200, 200, 200, 0, 0]);
  await payer.rows(5);
  await expect.poll(payer.used).toBe(100_000);
});

test('a hundred requests at once of a payer with ten dollars are all served', async () => {
  const payer = await world.newcomer(10);
  const responses = await askAtOnce(payer.token);
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
  const rows = await payer.rows(PARALLEL);
  expect(rows.reduce((sum, { cost }) => sum + cost, 0)).toBe(PARALLEL * 20_000);
  await expect.poll(payer.used).toBe(PARALLEL * 20_000);
});
