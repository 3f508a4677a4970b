import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import type { CreditOwner } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant, type Seed } from '../seed.ts';
import { createTestDatabase, run } from '../test-database.ts';
import { beginTopUp } from './begin-top-up.ts';
import { releaseConfig, turnOffTopUp } from './top-up-rows.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

type Kind = CreditOwner['kind'];
type Fields = {
  /** In microdollars. */
  readonly balance?: number;
  readonly isEnabled?: boolean;
  readonly customer?: string;
  /** A user who is blocked, an organisation that is deleted. */
  readonly isBarred?: boolean;
  readonly config?: Partial<NonNullable<Seed['auto_top_up_configs']>[number]> | null;
};

const now = Instant.parse(Date.parse('2026-11-24T12:00:00.123Z'));
const after = (ms: number): Instant => Instant.parse(now + ms);
const HOURS_2 = 7_200_000;

async function newOwner(kind: Kind, fields: Fields = {}): Promise<CreditOwner> {
  const { balance = 1_000_000, isEnabled = true, customer = 'cus_1', config = {} } = fields;
  const id = crypto.randomUUID();
  const shared = {
    microdollars_used: 1_000_000,
    total_microdollars_acquired: 1_000_000 + balance,
    auto_top_up_enabled: isEnabled,
    stripe_customer_id: customer,
  };
  const user = (name: string) => ({
    id: name,
    google_user_email: `${name}@example.com`,
    google_user_name: '',
    google_user_image_url: '',
    stripe_customer_id: '',
  });
  if (kind === 'user') {
    const blocked_reason = fields.isBarred ? 'abuse' : null;
    await plant(url, { kilocode_users: [{ ...user(id), ...shared, blocked_reason }] });
  } else {
    const deleted_at = fields.isBarred ? new Date(now).toISOString() : null;
    const members = ['owner-1', 'owner-2', 'member'].map((name) => `${name}-of-${id}`);
    await plant(url, {
      kilocode_users: members.map(user),
      organizations: [{ id, name: 'Some organisation', ...shared, deleted_at }],
      organization_memberships: members.map((name) => ({
        organization_id: id,
        kilo_user_id: name,
        role: name.startsWith('owner') ? 'owner' : 'member',
      })),
    });
  }
  const owned = kind === 'user' ? { owned_by_user_id: id } : { owned_by_organization_id: id };
  if (config) {
    await plant(url, {
      auto_top_up_configs: [{ ...owned, stripe_payment_method_id: 'pm_1', ...config }],
    });
  }
  return kind === 'user' ? { kind, id: UserId.parse(id) } : { kind, id: OrganizationId.parse(id) };
}

async function lent<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await connect(url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
const begun = (owner: CreditOwner, startedAt = now) =>
  lent((database) => beginTopUp(database, { owner, startedAt }));

const Row = z.record(z.string(), z.unknown());
async function rowsOf(owner: CreditOwner) {
  const [table, column] =
    owner.kind === 'user'
      ? ['kilocode_users', 'owned_by_user_id']
      : ['organizations', 'owned_by_organization_id'];
  const text = `select o.auto_top_up_enabled as enabled, c.attempt_started_at as attempt, c.disabled_reason as reason
    from ${table} o left join auto_top_up_configs c on c.${column} = o.id where o.id = $1`;
  const [row] = await ask(url, { text, values: [owner.id] }, Row);
  return row;
}

describe.each([
  ['user', 5_000_000],
  ['organization', 50_000_000],
] as const)('with the %s', (kind, low) => {
  const recipientsOf = (owner: CreditOwner) =>
    kind === 'user'
      ? [`${owner.id}@example.com`]
      : [`owner-1-of-${owner.id}@example.com`, `owner-2-of-${owner.id}@example.com`];

  test('credits are bought when the balance is a cent below the limit', async () => {
    const owner = await newOwner(kind, { balance: low - 10_000, config: { amount_cents: 2_000 } });
    expect(await begun(owner)).toMatchObject({
      kind: 'charge',
      customer: 'cus_1',
      config: { paymentMethod: 'pm_1', amountCents: 2_000 },
    });
    expect(await rowsOf(owner)).toEqual({ enabled: true, attempt: new Date(now), reason: null });
  });

  test('a config that names no amount buys for $50', async () => {
    expect(await begun(await newOwner(kind))).toMatchObject({ config: { amountCents: 5_000 } });
  });

  test.each<[string, Fields]>([
    ['when the balance is at the limit', { balance: low }],
    ['where nobody asked for it', { isEnabled: false }],
    ['for who may not use it', { isBarred: true }],
  ])('nothing is bought %s', async (_name, fields) => {
    const owner = await newOwner(kind, fields);
    const before = await rowsOf(owner);
    expect(await begun(owner)).toEqual({ kind: 'not-due' });
    expect(await rowsOf(owner)).toEqual(before);
  });

  test('without a saved way to pay it is turned off, and told once', async () => {
    const owner = await newOwner(kind, { config: null });
    expect(await begun(owner)).toEqual({
      kind: 'turned-off',
      reason: 'no_payment_method_saved',
      recipients: recipientsOf(owner),
    });
    expect(await rowsOf(owner)).toMatchObject({ enabled: false });
    expect(await begun(owner)).toEqual({ kind: 'not-due' });
  });

  test('without a customer at Stripe it is turned off, and its config left free', async () => {
    const owner = await newOwner(kind, { customer: '' });
    expect(await begun(owner)).toMatchObject({ kind: 'turned-off', reason: 'no_stripe_customer' });
    expect(await rowsOf(owner)).toEqual({
      enabled: false,
      attempt: null,
      reason: 'no_stripe_customer',
    });
  });

  test('of many attempts at once, one is to charge', async () => {
    const owner = await newOwner(kind);
    const attempts = Array.from({ length: 20 }, (_, index) => begun(owner, after(index)));
    const kinds = (await Promise.all(attempts)).map((start) => start.kind);
    expect(kinds.toSorted()).toEqual([
      'charge',
      ...Array.from({ length: 19 }, () => 'concurrent_attempt_in_progress'),
    ]);
  });

  test('an attempt holds for two hours, and then counts as given up', async () => {
    const owner = await newOwner(kind);
    await begun(owner);
    expect(await begun(owner, after(HOURS_2))).toEqual({ kind: 'concurrent_attempt_in_progress' });
    expect(await begun(owner, after(HOURS_2 + 1))).toMatchObject({ kind: 'charge' });
    expect(await begun(owner)).toEqual({ kind: 'concurrent_attempt_in_progress' });
    expect(await rowsOf(owner)).toMatchObject({ attempt: new Date(after(HOURS_2 + 1)) });
  });

  test('an attempt that was interrupted is continued by whoever comes with its time', async () => {
    const owner = await newOwner(kind);
    const first = await begun(owner);
    expect(first).toMatchObject({ kind: 'charge' });
    expect(await begun(owner)).toEqual(first);
  });

  test('an attempt is over for whoever has released it, and for nobody else', async () => {
    const owner = await newOwner(kind);
    await begun(owner);
    await lent((database) => releaseConfig(database, { owner, startedAt: after(1) }));
    expect(await rowsOf(owner)).toMatchObject({ attempt: new Date(now) });
    await lent((database) => releaseConfig(database, { owner, startedAt: now }));
    expect(await rowsOf(owner)).toMatchObject({ attempt: null });
  });

  test('an attempt that is continued after the purchase has come lets go', async () => {
    const owner = await newOwner(kind);
    await begun(owner);
    const table = kind === 'user' ? 'kilocode_users' : 'organizations';
    await run(
      url,
      `update ${table} set total_microdollars_acquired = 99000000 where id = '${owner.id}'`,
    );
    expect(await begun(owner)).toEqual({ kind: 'not-due' });
    expect(await rowsOf(owner)).toMatchObject({ enabled: true, attempt: null });
  });

  test('a purchase that comes while an attempt waits for the config is seen: nothing is bought', async () => {
    const owner = await newOwner(kind);
    const host = await connect(url);
    const tell = (text: string) => host.rows({ text, values: [] }, z.unknown());
    const [table, column] =
      kind === 'user'
        ? ['kilocode_users', 'owned_by_user_id']
        : ['organizations', 'owned_by_organization_id'];
    await tell('begin');
    await tell(
      `update auto_top_up_configs set attempt_started_at = null where ${column} = '${owner.id}'`,
    );
    const ours = begun(owner);
    await untilSomebodyWaits();
    await tell(
      `update ${table} set total_microdollars_acquired = 99000000 where id = '${owner.id}'`,
    );
    await tell('commit');
    await host.close();
    expect(await ours).toEqual({ kind: 'balance_already_sufficient' });
    expect(await rowsOf(owner)).toMatchObject({ enabled: true, attempt: null });
  });

  test('what was turned off says why, and tells its people once', async () => {
    const owner = await newOwner(kind);
    const off = (reason: string) => lent((database) => turnOffTopUp(database, owner, reason));
    expect(await off('card_declined')).toEqual(recipientsOf(owner));
    expect(await off('expired_card')).toEqual([]);
    expect(await rowsOf(owner)).toMatchObject({ enabled: false, reason: 'expired_card' });
  });
});

/** Nobody else uses this database: whoever waits for a lock is the one that was started. */
async function untilSomebodyWaits(): Promise<void> {
  const text = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await ask(url, { text }, Row)).length === 0);
}

test.each([
  ['whose bonus is still to come', 'active', ['base'], 'waits-for-bonus'],
  ['of which nothing was issued', 'active', null, 'waits-for-bonus'],
  ['that is behind with its payment', 'past_due', ['base'], 'waits-for-bonus'],
  ['that got its bonus', 'active', ['base', 'bonus'], 'charge'],
  ['that got half of its first month', 'active', ['base', 'promo_first_month_50pct'], 'charge'],
  ['that ended', 'canceled', ['base'], 'charge'],
])('the holder of a Kilo Pass %s: %s', async (_name, status, kinds, outcome) => {
  const owner = await newOwner('user');
  const subscription = crypto.randomUUID();
  const months = ['2026-02-01', '2026-01-01'].map((issue_month) => ({
    id: crypto.randomUUID(),
    kilo_pass_subscription_id: subscription,
    issue_month,
    source: 'cron',
  }));
  const [newest] = months;
  const items = (kinds ?? []).map((kind) => ({
    kilo_pass_issuance_id: newest?.id ?? '',
    kind,
    credit_transaction_id: crypto.randomUUID(),
    amount_usd: '1.00',
  }));
  await plant(url, {
    kilo_pass_subscriptions: [
      {
        id: subscription,
        kilo_user_id: owner.id,
        stripe_subscription_id: subscription,
        tier: 'tier_19',
        cadence: 'monthly',
        status,
      },
    ],
    kilo_pass_issuances: kinds ? months : [],
    credit_transactions: items.map(({ credit_transaction_id: id }) => ({
      id,
      kilo_user_id: owner.id,
      amount_microdollars: 1,
      is_free: false,
    })),
    kilo_pass_issuance_items: items,
  });
  expect(await begun(owner)).toMatchObject({ kind: outcome });
});
