import { UserId } from '@gateway/worker-utils/ids';
import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { hasPaid } from './has-paid.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const newUser = () => UserId.parse(crypto.randomUUID());
const paidBy = (kilo_user_id: UserId) => ({
  id: crypto.randomUUID(),
  kilo_user_id,
  amount_microdollars: 5_000_000,
  is_free: false,
});

async function answerFor(user: UserId): Promise<boolean> {
  const database = await connect(url);
  try {
    return await hasPaid(database, user);
  } finally {
    await database.close();
  }
}

test('who bought credits has paid, also where an organisation got them', async () => {
  const [user, buyer] = [newUser(), newUser()];
  const forOrganization = { ...paidBy(buyer), organization_id: crypto.randomUUID() };
  await plant(url, { credit_transactions: [paidBy(user), forOrganization] });
  expect([await answerFor(user), await answerFor(buyer)]).toEqual([true, true]);
});

test('gifts, and credits that were taken back, are no payment', async () => {
  const user = newUser();
  await plant(url, {
    credit_transactions: [
      { ...paidBy(user), is_free: true },
      { ...paidBy(user), amount_microdollars: -5_000_000 },
    ],
  });
  expect(await answerFor(user)).toBe(false);
});

test('what a Kilo Pass gave was not bought as credits', async () => {
  const user = newUser();
  const [given, subscription, issuance] = [paidBy(user), crypto.randomUUID(), crypto.randomUUID()];
  await plant(url, {
    kilocode_users: [
      {
        id: user,
        google_user_email: user,
        google_user_name: '',
        google_user_image_url: '',
        stripe_customer_id: '',
      },
    ],
    credit_transactions: [given],
    kilo_pass_subscriptions: [
      {
        id: subscription,
        kilo_user_id: user,
        stripe_subscription_id: subscription,
        tier: 'tier_19',
        cadence: 'monthly',
        status: 'active',
      },
    ],
    kilo_pass_issuances: [
      {
        id: issuance,
        kilo_pass_subscription_id: subscription,
        issue_month: '2026-01-01',
        source: 'cron',
      },
    ],
    kilo_pass_issuance_items: [
      {
        kilo_pass_issuance_id: issuance,
        kind: 'base',
        credit_transaction_id: given.id,
        amount_usd: '19.00',
      },
    ],
  });
  expect(await answerFor(user)).toBe(false);
  await plant(url, { credit_transactions: [paidBy(user)] });
  expect(await answerFor(user)).toBe(true);
});
