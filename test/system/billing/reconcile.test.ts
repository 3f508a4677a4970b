import { ask } from '@gateway/db/inspect';
import { run } from '@gateway/db/test-database';
import { reconcile } from '@gateway/local/commands/reconcile/reconcile';
import { SIMULATOR_KEY } from '@gateway/local/stack/environment';
import { Instant } from '@gateway/worker-utils/time';
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

const reconciled = () => {
  const { adminTokens, databaseUrl, simulator, url } = world;
  const openrouter = { baseUrl: simulator.url, key: SIMULATOR_KEY };
  return reconcile(
    { gateway: { url, adminToken: adminTokens.gateway }, databaseUrl, providers: { openrouter } },
    { since: Instant.parse(0), until: Instant.parse(Date.now()) },
  );
};
const differences = async () => (await reconciled()).differences;
const body = { model: 'sim/answer', messages: [{ role: 'user', content: 'Hello' }] };
const askFor = async (token: string, model = 'sim/answer'): Promise<void> => {
  const response = await world.ask({ token, body: { ...body, model } });
  await response.text();
  expect(response.status).toBe(200);
};
/** Once the provider was asked, nothing more changes. */
const confirmed = async (count: number): Promise<void> => {
  const text =
    'select count(*)::int as n from microdollar_usage_metadata where upstream_id is not null';
  const rows = () => ask(world.databaseUrl, { text }, z.object({ n: z.number() }));
  await expect.poll(async () => (await rows())[0]?.n, { timeout: 30_000 }).toBe(count);
};

const forgetAll = () =>
  run(
    world.databaseUrl,
    'delete from gateway.attempts; delete from microdollar_usage; delete from microdollar_usage_metadata',
  );

test('what was asked, answered and paid agrees everywhere; whatever is changed is found, by exchange', async () => {
  const payer = await world.newcomer(10);
  await askFor(payer.token);
  await askFor(payer.token, 'sim/no-usage');
  await askFor(payer.token, 'minimax/minimax-m2.5:free');
  const [first, second, third] = await payer.rows(3);
  if (!first || !second || !third) throw new Error('Three were asked for.');
  await confirmed(3);
  expect(await reconciled()).toMatchObject({ rows: 3, generations: 3, differences: [] });

  await run(
    world.databaseUrl,
    `update microdollar_usage set cost = cost + 5 where id = '${first.id}';
    update microdollar_usage_metadata set market_cost = market_cost + 5 where id = '${first.id}';
    delete from gateway.attempts where usage_id = '${second.id}';
    delete from microdollar_usage where id = '${third.id}'`,
  );
  const found = await differences();
  const of = (id: string) =>
    found.filter(({ exchange }) => exchange === id).map(({ what }) => what);
  expect(of(first.id).join('; ')).toMatch(/openrouter took \$/);
  expect(of(second.id)).toEqual(['has a row and no attempt']);
  expect(of(third.id)).toEqual(['has attempt 1 and no row']);
  await forgetAll();
});

test('what a ledger owes is listed until Postgres has it', async () => {
  const payer = await world.newcomer(10);
  await askFor(payer.token);
  await confirmed(1);
  await forgetAll();

  world.postgres.refuse();
  await askFor(payer.token);
  await expect
    .poll(async () => (await differences()).map(({ what }) => what), { timeout: 30_000 })
    .toEqual([expect.stringContaining(`user:${payer.id} owes it`)]);
  world.postgres.restore();
  await expect.poll(differences, { timeout: 60_000 }).toEqual([]);
  expect(await payer.rows(1)).toMatchObject([{ cost: 186 }]);
});

test('what Postgres refuses is parked and found; once that is mended, an operator has it taken up', async () => {
  const payer = await world.newcomer(10);
  await run(
    world.databaseUrl,
    `alter table microdollar_usage add constraint refused check (kilo_user_id <> '${payer.id}') not valid`,
  );
  await askFor(payer.token);
  await expect
    .poll(async () => (await differences()).map(({ what }) => what), { timeout: 30_000 })
    .toEqual([expect.stringContaining('Postgres refuses it')]);
  const takenUp = async () => {
    const response = await fetch(`${world.url}/admin/ledger/user/${payer.id}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.adminTokens.gateway}` },
    });
    return z
      .object({ exchanges: z.array(z.object({ state: z.string() })) })
      .parse(await response.json())
      .exchanges.filter(({ state }) => state === 'parked');
  };
  expect(await takenUp()).toHaveLength(1);

  await run(world.databaseUrl, 'alter table microdollar_usage drop constraint refused');
  expect(await takenUp()).toEqual([]);
  expect(await payer.rows(1)).toMatchObject([{ cost: 186 }]);
  expect(await payer.used()).toBe(186);
  expect(await differences()).toEqual([]);
});

test('the ledgers are for operators alone, and show no word of what was said', async () => {
  const payer = await world.newcomer(10);
  const path = `${world.url}/admin/ledger/user/${payer.id}`;
  const statusWith = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(path, { headers })).status;
  expect(await statusWith({})).toBe(404);
  expect(await statusWith({ authorization: 'Bearer wrong' })).toBe(404);
  expect(await statusWith({ authorization: `Bearer ${payer.token}` })).toBe(404);

  const asking = world.ask({
    token: payer.token,
    body: { model: 'sim/answer~first=3000', messages: [{ role: 'user', content: 'canary-word' }] },
  });
  const authorization = `Bearer ${world.adminTokens.gateway}`;
  const view = async () => (await fetch(path, { headers: { authorization } })).text();
  await expect.poll(view, { timeout: 20_000 }).toContain('"state":"running"');
  expect(await view()).not.toContain('canary-word');
  await (await asking).text();
});
