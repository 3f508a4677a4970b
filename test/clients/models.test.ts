import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { customerOf } from '../support/customer.ts';
import { kilo } from '../support/kilo-cli.ts';
import { opencode } from '../support/opencode.ts';
import { detailsSaid, detailsSent } from '../support/reasoning.ts';
import { leaveTask } from '../support/task.ts';
import { startWorld, type World } from '../support/world.ts';

// The model that a client gets: the one that fits its mode, and one that goes on with what it has thought.

const client = await kilo();

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const PAID = 'anthropic/claude-sonnet-4.6';

test.for([
  ['kilo/auto', 'plan', 'anthropic/claude-opus-4.6'],
  ['kilo/auto', 'code', PAID],
  ['kilo-auto/balanced', 'plan', 'anthropic/claude-opus-4.6'],
] as const)('%s, in the mode %s, is %s', async ([auto, mode, model], context) => {
  const { computer, delivered, expectBill } = await customerOf({ world, client, context }, 10);
  const run = await computer.begin('Say hello', auto, '--agent', mode).ended;
  expect(run.code).toBe(0);
  expect(client.said(run.output)).not.toBe('');
  expect(new Set(delivered().map((entry) => entry.model))).toEqual(new Set([model]));
  expect(await expectBill(`${auto}, ${mode}`)).toBe(1);
});

test.for([
  { client, as: 'details' },
  { client, as: 'encrypted' },
  { client: await opencode('openrouter'), as: 'details' },
  { client: await opencode('openrouter'), as: 'encrypted' },
])(
  'the reasoning of each turn ($as) goes back to the provider as it came ($client.name)',
  async ({ client: program, as }, context) => {
    world.simulator.stand({ scenario: `task~reasoning=8~reasoning-as=${as}` });
    const visit = { world, client: program, context };
    const { computer, delivered, expectBill } = await customerOf(visit, 10);
    const expectDone = leaveTask(computer.folder);
    const run = await computer.begin('Do what notes.txt says.', PAID).ended;
    expect(run).toMatchObject({ code: 0 });
    expectDone();
    // A title is asked for without tools.
    const turns = delivered().filter(({ body }) => body?.tools !== undefined);
    const said = turns.map(detailsSaid);
    expect(said.map(({ length }) => length > 0)).toEqual([true, true, true]);
    expect(turns.map(detailsSent)).toEqual([[], said.slice(0, 1), said.slice(0, 2)]);
    await expectBill(`reasons (${as})`);
  },
);
