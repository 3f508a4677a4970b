import { randomUUID } from 'node:crypto';
import { ask } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user', content: 'Hello!' }] };
const paid = { ...hello, model: 'anthropic/claude-sonnet-4.6' };
const free = { ...hello, model: 'minimax/minimax-m2.5:free' };

const HOUR_MS = 60 * 60 * 1000;
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const yesterday = hoursFromNow(-24);
const tomorrow = hoursFromNow(24);

type Granted = { readonly usd: number; readonly expiry_date: string };

/** Somebody whose credits were all granted for a time, and the organisation of which the same is true. */
async function grantee(...grants: readonly Granted[]) {
  const user = randomUUID();
  const organization = randomUUID();
  const amounts = {
    total_microdollars_acquired: grants.reduce((sum, { usd }) => sum + usd * 1_000_000, 0),
    next_credit_expiration_at: grants.map(({ expiry_date }) => expiry_date).toSorted()[0] ?? null,
  };
  const credits = grants.map(({ usd, expiry_date }) => ({
    kilo_user_id: user,
    amount_microdollars: usd * 1_000_000,
    expiration_baseline_microdollars_used: 0,
    is_free: true,
    description: 'Promo credits',
    expiry_date,
  }));
  await plant(world.databaseUrl, {
    kilocode_users: [
      {
        id: user,
        google_user_email: `${user}@example.com`,
        google_user_name: 'Grantee',
        google_user_image_url: '',
        stripe_customer_id: '',
        ...amounts,
      },
    ],
    organizations: [{ id: organization, name: 'Grantees', require_seats: true, ...amounts }],
    organization_memberships: [
      { organization_id: organization, kilo_user_id: user, role: 'member' },
    ],
    credit_transactions: [
      ...credits,
      ...credits.map((credit) => ({ ...credit, organization_id: organization })),
    ],
  });
  const tokenOf = (actsFor: string | null) =>
    tokenFor({ user, pepper: null, organization: actsFor }, TOKEN_SECRET);
  return {
    user,
    organization,
    token: await tokenOf(null),
    organizationToken: await tokenOf(organization),
  };
}

const entriesOf = (owner: string) =>
  ask(
    world.databaseUrl,
    {
      text: `select kilo_user_id, amount_microdollars, description from credit_transactions
        where credit_category = 'credits_expired'
          and coalesce(organization_id::text, kilo_user_id) = $1`,
      values: [owner],
    },
    z.unknown(),
  );

test('who has only credits that expired yesterday is refused, and sees where they went', async () => {
  const { user, token } = await grantee({ usd: 5, expiry_date: yesterday });
  for (let time = 0; time < 2; time++) {
    const response = await world.ask({ body: paid, token });
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({ error: { balance: 0 } });
  }
  expect(await entriesOf(user)).toEqual([
    { kilo_user_id: user, amount_microdollars: -5_000_000, description: 'Expired: Promo credits' },
  ]);
  const response = await world.ask({ body: free, token });
  expect(response.status).toBe(200);
  await response.text();
});

test('an organisation that has only credits that expired yesterday is refused', async () => {
  const { user, organization, organizationToken } = await grantee({
    usd: 5,
    expiry_date: yesterday,
  });
  const response = await world.ask({ body: paid, token: organizationToken });
  expect(response.status).toBe(402);
  await response.text();
  expect(await entriesOf(organization)).toMatchObject([
    { kilo_user_id: 'system', amount_microdollars: -5_000_000 },
  ]);
  expect(await entriesOf(user)).toEqual([]);
});

test('who has other credits that are still valid is served from those', async () => {
  const { user, token } = await grantee(
    { usd: 5, expiry_date: yesterday },
    { usd: 3, expiry_date: tomorrow },
  );
  const response = await world.ask({ body: paid, token });
  expect(response.status).toBe(200);
  await response.text();
  expect(await entriesOf(user)).toMatchObject([{ amount_microdollars: -5_000_000 }]);
  const text = `select total_microdollars_acquired as acquired, next_credit_expiration_at as next
    from kilocode_users where id = $1`;
  expect(await ask(world.databaseUrl, { text, values: [user] }, z.unknown())).toEqual([
    { acquired: 3_000_000, next: new Date(tomorrow) },
  ]);
});

test('of many requests at once, none is paid with credits that expired', async () => {
  const { user, token } = await grantee({ usd: 5, expiry_date: yesterday });
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const response = await world.ask({ body: paid, token });
      await response.text();
      return response.status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([402]));
  expect(await entriesOf(user)).toHaveLength(1);
});
