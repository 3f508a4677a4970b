import { ask } from '@gateway/db/inspect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, untilRows, type World } from '../../support/world.ts';

const messages = [{ role: 'user', content: 'Hello!' }];

let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded' });
});
afterAll(() => world.stop());

const from = (address: string) => ({ 'x-forwarded-for': address });

async function statusOf(asked: Parameters<World['ask']>[0]): Promise<number> {
  const response = await world.ask(asked);
  await response.text();
  return response.status;
}

describe('without a token', () => {
  test.each([
    'minimax/minimax-m2.5:free',
    'openrouter/free',
    'openrouter/sonoma-sky-alpha',
    'vendor/model:free',
    ' Vendor/Model:FREE ',
  ])('serves %j, which is priced at nothing', async (model) => {
    const headers = from('192.0.2.10');
    expect(await statusOf({ body: { model, messages }, headers })).toBe(200);
  });

  test.each([
    'openrouter/auto',
    'openrouter/auto-beta',
    'openrouter/never-heard-of-alpha',
    'openrouter/free:nitro',
    'vendor/never-heard-of:free',
    'vendor/model:free:online',
    'vendor/model',
    'anthropic/claude-sonnet-4.6:free',
    'minimax/minimax-m2.5:free:free',
  ])('refuses %j, which is priced at something or not listed', async (model) => {
    const before = world.simulator.log().length;
    const body = { model, messages };
    expect(await statusOf({ body, headers: from('192.0.2.11') })).toBe(401);
    expect(world.simulator.log()).toHaveLength(before);
  });
});

test('charges a payer for a model whose price depends on what OpenRouter chooses', async () => {
  const payer = await world.newcomer(1);
  const body = { model: 'openrouter/auto-beta', messages };
  expect(await statusOf({ body, token: payer.token, headers: from('192.0.2.12') })).toBe(200);
  const query = `select cost from microdollar_usage where kilo_user_id = '${payer.id}'`;
  const [row] = z
    .array(z.object({ cost: z.coerce.number() }))
    .parse(await untilRows(world.databaseUrl, query));
  expect(row?.cost).toBeGreaterThan(0);
});

test('counts every use without an account of a model that is free at OpenRouter', async () => {
  const body = { model: 'vendor/model:free', messages };
  const headers = from('192.0.2.13');
  const answers = Array.from({ length: 300 }, () => statusOf({ body, headers }));
  const statuses = await Promise.all(answers);
  expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  expect(statuses.filter((status) => status === 429)).toHaveLength(100);
  const text = `select count(*)::int as uses from free_model_usage
    where ip_address = '192.0.2.13' and model = 'vendor/model:free' and kilo_user_id is null`;
  const uses = async () => (await ask(world.databaseUrl, { text }, Uses))[0]?.uses;
  await expect.poll(uses, { timeout: 20_000 }).toBe(200);

  const { token } = await world.newcomer(0);
  expect(await statusOf({ body, headers, token })).toBe(200);
  expect(await statusOf({ body, headers, token: 'nobody' })).toBe(429);
});
const Uses = z.object({ uses: z.number() });

test('takes no model for free that is not on our own list while the catalogue was never read', async () => {
  const blind = await startWorld();
  try {
    blind.simulator.tellCatalogue(false);
    const served: [string, number][] = [];
    for (const model of ['vendor/model:free', 'openrouter/free', 'minimax/minimax-m2.5:free']) {
      const response = await blind.ask({ body: { model, messages } });
      await response.text();
      served.push([model, response.status]);
    }
    expect(served).toEqual([
      ['vendor/model:free', 401],
      ['openrouter/free', 401],
      ['minimax/minimax-m2.5:free', 200],
    ]);
    const payer = await blind.newcomer(1);
    const paid = await blind.ask({ token: payer.token, body: { model: 'sim/answer', messages } });
    await paid.text();
    expect(paid.status).toBe(200);
  } finally {
    await blind.stop();
  }
});
