import { ask } from '@gateway/db/inspect';
import { tokenClaims } from '@gateway/local/people';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/launcher.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const ivan = tokenClaims('ivan');
const Row = z.record(z.string(), z.unknown());
const rowsOf = (text: string) => ask(world.databaseUrl, { text, values: [ivan.user] }, Row);
async function userRow() {
  const [row] = await rowsOf('select * from kilocode_users where id = $1');
  return row;
}
const bonuses = () =>
  rowsOf(
    `select * from credit_transactions where kilo_user_id = $1 and credit_category = 'kilo-pass-bonus'`,
  );

async function spend(usd: number): Promise<void> {
  const response = await world.ask({
    token: world.tokens['ivan'] ?? '',
    body: { messages: [{ role: 'user', content: 'Hello!' }], model: `sim/answer~cost=${usd}` },
  });
  expect(response.status).toBe(200);
  await response.text();
}

test('a Kilo Pass whose month is used up gets its bonus once, of however many requests at once', async () => {
  const before = await userRow();
  await spend(0.049);
  await eventually(
    async () => (await userRow())?.['microdollars_used'] === 18_949_000,
    'the charge',
  );
  expect(await bonuses()).toEqual([]);
  expect(await userRow()).toMatchObject({ kilo_pass_threshold: 19_950_000 });

  await Promise.all(Array.from({ length: 12 }, () => spend(0.001)));
  await eventually(
    async () => (await userRow())?.['microdollars_used'] === 18_961_000,
    'all charges',
  );
  await eventually(async () => (await userRow())?.['kilo_pass_threshold'] === null, 'the bonus');
  expect(await bonuses()).toMatchObject([
    { amount_microdollars: 2_850_000, description: 'Kilo Pass monthly bonus (tier_19, streak=3)' },
  ]);
  expect(await userRow()).toMatchObject({
    total_microdollars_acquired: Number(before?.['total_microdollars_acquired']) + 2_850_000,
  });
  const audit = await rowsOf(
    'select action, result from kilo_pass_audit_log where kilo_user_id = $1',
  );
  expect(audit).toEqual([{ action: 'bonus_credits_issued', result: 'success' }]);
});
