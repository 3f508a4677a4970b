import { afterAll, beforeAll, expect, test } from 'vitest';
import { kilo, type KiloComputer } from '../support/kilo-cli.ts';
import { OpenRouterModels } from '../support/openrouter-shapes.ts';
import { startWorld, type World } from '../support/world.ts';

// What the published Kilo CLI asks of the gateway beside chats.

const client = await kilo();

let world: World;
const machines: KiloComputer[] = [];
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await Promise.all(machines.map((machine) => machine.remove()));
  await world?.stop();
});

async function computer(usd: number) {
  const person = await world.newcomer(usd);
  const { url, sessionIngestUrl } = world;
  const machine = client.computer({ url, sessionIngestUrl, token: person.token });
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
