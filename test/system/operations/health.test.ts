import { run } from '@gateway/db/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type InterruptibleWorld,
  startInterruptibleWorld,
} from '../../support/interruptible-world.ts';

let world: InterruptibleWorld;
beforeAll(async () => {
  world = await startInterruptibleWorld();
});
afterAll(() => world.stop());

const Health = z.strictObject({
  status: z.enum(['ok', 'failing']),
  checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), ms: z.number() })),
});
const deep = (token: string | null) =>
  fetch(`${world.url}/health?deep`, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
const looked = async () => {
  const response = await deep(world.adminTokens.gateway);
  const { status, checks } = Health.parse(await response.json());
  const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return { code: response.status, status, names: checks.map(({ name }) => name), failing };
};

const EVERYTHING = [
  'secrets',
  'postgres',
  'ledger',
  'ledger-index',
  'limiter',
  'completions',
  'o11y',
];

test('an operator sees that everything a deployment rests on is there, as often as they look', async () => {
  const well = { code: 200, status: 'ok', names: EVERYTHING, failing: [] };
  expect(await looked()).toEqual(well);
  expect(await looked()).toEqual(well);
});

test.each(['refuse', 'hang'] as const)(
  'what is away is named, and the rest is still looked at: Postgres would %s',
  async (fault) => {
    world.postgres[fault]();
    expect(await looked()).toEqual({
      code: 503,
      status: 'failing',
      names: EVERYTHING,
      failing: ['postgres'],
    });
    world.postgres.restore();
    expect(await looked()).toMatchObject({ code: 200 });
  },
);

test('the workers are in the database as their role: what that may not, they can not', async () => {
  await run(world.databaseUrl, 'revoke select on gateway.heartbeats from llm_gateway');
  expect(await looked()).toMatchObject({ code: 503, failing: ['postgres'] });
  await run(world.databaseUrl, 'grant select on gateway.heartbeats to llm_gateway');
  expect(await looked()).toMatchObject({ code: 200 });
});

test('for whoever has not the admin token, there is no such thing; that the gateway is up is told to all', async () => {
  expect((await deep(null)).status).toBe(404);
  expect((await deep('wrong')).status).toBe(404);
  expect((await deep(world.tokens['alice'] ?? '')).status).toBe(404);
  const shallow = await fetch(`${world.url}/health`);
  expect([shallow.status, await shallow.json()]).toEqual([200, { status: 'ok' }]);
});
