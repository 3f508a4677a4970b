import { connect } from '@gateway/db';
import { ask } from '@gateway/db/inspect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../../support/world.ts';

// Settlements of many payers go to Postgres together: each of them must land as if it were alone.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const body = { model: 'sim/answer', messages: [{ role: 'user', content: 'Hello' }] };

const askAs = async (token: string): Promise<void> => {
  const response = await world.ask({ token, body });
  expect(response.status).toBe(200);
  await response.text();
};

test('forty payers at once are each charged for their own, in fewer transactions than they are', async () => {
  const payers = await Promise.all(Array.from({ length: 40 }, () => world.newcomer(10)));
  await Promise.all(payers.map(({ token }) => askAs(token)));
  await Promise.all(payers.map(({ rows }) => rows(1)));
  for (const payer of payers) {
    const [row, ...others] = await payer.rows(1);
    expect(others).toEqual([]);
    expect(row?.cost).toBeGreaterThan(0);
    expect(await payer.used()).toBe(row?.cost);
  }
  // A row's `xmin` is the transaction that has written it.
  const text = `select count(distinct xmin::text)::int as n from microdollar_usage where kilo_user_id = any($1)`;
  const values = [payers.map(({ id }) => id)];
  const [transactions] = await ask(world.databaseUrl, { text, values }, z.object({ n: z.int() }));
  expect(transactions?.n).toBeLessThan(40);
});

test('while somebody keeps a payer locked, others are settled, and that one is when it is let go', async () => {
  const [locked, other] = await Promise.all([world.newcomer(10), world.newcomer(10)]);
  await Promise.all([askAs(locked.token), askAs(other.token)]);
  await Promise.all([locked.rows(1), other.rows(1)]);

  const holder = await connect(world.databaseUrl);
  try {
    await holder.rows({ text: 'begin', values: [] }, z.unknown());
    const lock = 'select id from kilocode_users where id = $1 for update';
    await holder.rows({ text: lock, values: [locked.id] }, z.unknown());
    await Promise.all([askAs(locked.token), askAs(other.token)]);
    expect(await other.rows(2)).toHaveLength(2);
    expect(await locked.rows(1)).toHaveLength(1);
    await holder.rows({ text: 'rollback', values: [] }, z.unknown());
  } finally {
    await holder.close();
  }
  const rows = await locked.rows(2);
  const sum = rows.reduce((total, { cost }) => total + cost, 0);
  await expect.poll(locked.used, { timeout: 30_000 }).toBe(sum);
});
