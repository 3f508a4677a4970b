import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cline } from '../support/cline.ts';
import { kilo } from '../support/kilo-cli.ts';
import { opencode } from '../support/opencode.ts';
import { customerOf, passerBy } from '../support/customer.ts';
import { leaveTask } from '../support/task.ts';
import { startWorld, type World } from '../support/world.ts';

// Published programs finish what they were asked, show what is in their way, and are billed what was delivered.

const clients = [await opencode(), await cline(), await kilo()];
const PAID = 'anthropic/claude-sonnet-4.6';
const FREE = 'minimax/minimax-m2.5:free';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

describe.each(clients)('$name', (client) => {
  test('reads a file, writes another and says that it is done, for the price of the answers', async (context) => {
    world.simulator.stand({ scenario: 'task' });
    const { computer, expectBill } = await customerOf({ world, client, context }, 10);
    const expectDone = leaveTask(computer.folder);
    const run = await computer.begin('Do what notes.txt says.', PAID).ended;
    expect(run).toMatchObject({ code: 0 });
    expectDone();
    expect(client.said(run.output)).not.toBe('');
    expect(await expectBill('reads and writes files')).toBeGreaterThanOrEqual(3);
  });

  test('does the same with a free model, without an account, for nothing', async (context) => {
    world.simulator.stand({ scenario: 'task' });
    const { computer, expectBill } = passerBy({ world, client, context });
    const expectDone = leaveTask(computer.folder);
    expect(await computer.begin('Do what notes.txt says.', FREE).ended).toMatchObject({ code: 0 });
    expectDone();
    expect(await expectBill('the same, free and anonymous')).toBeGreaterThanOrEqual(3);
  });

  test('goes away in the middle of an answer: the provider notices, and what had been said is paid', async (context) => {
    world.simulator.stand({ scenario: 'answer~tokens=20000~delay=20' });
    const { computer, delivered, expectBill } = await customerOf({ world, client, context }, 10);
    const running = computer.begin('Tell me all.', PAID);
    await expect.poll(() => delivered().some(({ tokens }) => tokens > 20)).toBe(true);
    running.interrupt();
    await running.ended;
    const endings = delivered().map(
      async ({ sequence }) => (await world.simulator.ended(sequence)).ending,
    );
    expect(new Set(await Promise.all(endings))).toEqual(new Set(['client-left']));
    await expectBill('Ctrl-C in the middle');
  });

  test.for([
    [401, null, PAID, 'You need to sign in to use this model.'],
    [402, 0, PAID, 'To use paid models, you need to add credits.'],
    [
      404,
      10,
      'z-ai/glm-5:free',
      // The Kilo CLI knows what the gateway lists, and asks for nothing else.
      client.name === 'kilo' ? 'Did you mean: ' : 'The alpha period for this model has ended.',
    ],
  ] as const)(
    'is refused with a %i, and tells its user what to do',
    async ([status, usd, model, advice], context) => {
      const { computer, expectBill } = await customerOf({ world, client, context }, usd);
      const run = await computer.begin('Say hello', model).ended;
      expect(run.code).toBe(1);
      expect(run.output + run.errors).toContain(advice);
      expect(await expectBill(`refused: ${status}`)).toBe(0);
    },
  );

  test.for([
    [429, 'status~code=429'],
    [503, 'status~code=402'],
  ] as const)('gets over a %i that passes', async ([status, scenario], context) => {
    const { computer, delivered, expectBill } = await customerOf({ world, client, context }, 10);
    world.simulator.stand({ scenario, requests: 4 });
    const run = await computer.begin('Say hello', PAID).ended;
    expect(run.code).toBe(0);
    expect(client.said(run.output)).not.toBe('');
    expect(delivered().filter((entry) => entry.status !== 200)).toHaveLength(4);
    await expectBill(`gets over a ${status}`);
  });
});
