import { afterAll, beforeAll, expect, test } from 'vitest';
import { cline } from '../support/cline.ts';
import { customerOf, passerBy } from '../support/customer.ts';
import { kilo } from '../support/kilo-cli.ts';
import { startWorld, type World } from '../support/world.ts';

// What does not pass while a client tries again is shown in the end. (opencode tries for ever, and says nothing.)

const [kiloCli, clineCli] = [await kilo({ retries: 1 }), await cline()];
const PAID = 'anthropic/claude-sonnet-4.6';
const FREE = 'minimax/minimax-m2.5:free';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

test.for([
  { client: kiloCli, told: 'The service is temporarily unavailable. Please try again later.' },
  { client: clineCli, told: 'Service Unavailable' },
])('an outage that stays is told ($client.name)', async ({ client, told }, context) => {
  world.simulator.stand({ scenario: 'status~code=402' });
  const { computer, expectBill } = await customerOf({ world, client, context }, 10);
  const run = await computer.begin('Say hello', PAID).ended;
  world.simulator.stand({ scenario: null });
  expect(run.code).toBe(1);
  expect(run.output + run.errors).toContain(told);
  expect(await expectBill('refused: 503')).toBe(0);
});

test('who has used up the free models is told within minutes, not after the hour that it lasts', async (context) => {
  const body = { model: FREE, messages: [{ role: 'user', content: 'Hi' }] };
  await Promise.all(Array.from({ length: 210 }, async () => (await world.ask({ body })).text()));
  const { computer, expectBill } = passerBy({ world, client: kiloCli, context });
  const run = await computer.begin('Say hello', FREE).ended;
  expect(run.code).toBe(1);
  expect(run.output + run.errors).toContain('Please try again later or upgrade to a paid model.');
  expect(await expectBill('refused: 429')).toBe(0);
});
