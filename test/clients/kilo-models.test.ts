import { afterAll, beforeAll, expect, test } from 'vitest';
import { installKilo, type Machine, newMachine } from '../support/kilo-cli.ts';
import { OpenRouterModels } from '../support/openrouter-shapes.ts';
import { startWorld, type World } from '../support/world.ts';

// What the published Kilo CLI asks of the gateway beside chats.

let world: World;
const machines: Machine[] = [];
beforeAll(async () => {
  await installKilo();
  world = await startWorld();
});
afterAll(async () => {
  for (const machine of machines) machine.remove();
  await world?.stop();
});

async function computer(usd: number) {
  const person = await world.newcomer(usd);
  const { url, sessionIngestUrl } = world;
  const machine = newMachine({ url, sessionIngestUrl, token: person.token });
  machines.push(machine);
  return { person, machine };
}

test('the Kilo CLI offers the models that the gateway lists, and shows whose account it is', async () => {
  const { person, machine } = await computer(7.5);
  const listed = await fetch(`${world.url}/api/openrouter/models`);
  const { data } = OpenRouterModels.parse(await listed.json());
  const offered = (await machine.run('models', 'kilo')).trim().split('\n');
  // One entry that it does not like, and it would fall back on the hundreds that it was built with.
  expect(offered.toSorted()).toEqual(data.map(({ id }) => `kilo/${id}`).toSorted());

  const profile = await machine.run('profile');
  expect(profile).toContain(`Email: ${person.id}@example.com`);
  expect(profile).toContain('Balance: $7.50');
});

test.each([
  ['plan', 'anthropic/claude-opus-4.6'],
  ['code', 'anthropic/claude-sonnet-4.6'],
])(
  'the auto model, in the mode %s, is %s, and is charged as it was delivered',
  async (mode, model) => {
    const { person, machine } = await computer(10);
    const { text } = await machine.turn('Say hello', '-m', 'kilo/kilo/auto', '--agent', mode);
    expect(text).not.toBe('');
    const rows = await person.rows(1);
    expect(rows.map((row) => row.requested_model)).toEqual([model]);
    const delivered = world.simulator
      .log()
      .filter(({ ending }) => ending === 'complete')
      .at(-1);
    expect(rows[0]?.cost).toBe(Math.round((delivered?.cost ?? 0) * 1_000_000));
    expect(rows[0]?.cost).toBeGreaterThan(0);
  },
);
