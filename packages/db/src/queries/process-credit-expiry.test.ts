import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import { type CreditOwner, expireCredits } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant, type Seed } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { commitCreditExpiry } from './commit-credit-expiry.ts';
import { creditAccount } from './credit-account.ts';
import { processCreditExpiry } from './process-credit-expiry.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const cutOff = Instant.parse(Date.parse('2024-01-15T00:00:00Z'));
/** Postgres counts microseconds: what is read and written must not depend on them. */
const due = '2024-01-10T00:00:00.123456Z';
const later = '2024-02-01T12:34:56.789012Z';

type Credit = NonNullable<Seed['credit_transactions']>[number];
type Account = { readonly used: number; readonly acquired: number; readonly next: string | null };

async function newOwner(kind: CreditOwner['kind'], account: Account): Promise<CreditOwner> {
  const amounts = {
    microdollars_used: account.used,
    total_microdollars_acquired: account.acquired,
    next_credit_expiration_at: account.next,
  };
  if (kind === 'organization') {
    const id = OrganizationId.parse(crypto.randomUUID());
    const balance = account.acquired - account.used;
    await plant(url, {
      organizations: [{ id, name: 'An organisation', microdollars_balance: balance, ...amounts }],
    });
    return { kind, id };
  }
  const id = UserId.parse(`user-${crypto.randomUUID()}`);
  const user = {
    id,
    google_user_email: `${id}@example.com`,
    google_user_name: 'A user',
    google_user_image_url: '',
    stripe_customer_id: '',
    ...amounts,
  };
  await plant(url, { kilocode_users: [user] });
  return { kind, id };
}

/** Gives credits to an owner; the id of their transaction. */
async function give(owner: CreditOwner, credit: Partial<Credit>): Promise<string> {
  const id = crypto.randomUUID();
  const row = {
    id,
    kilo_user_id: owner.kind === 'user' ? owner.id : 'buyer',
    organization_id: owner.kind === 'organization' ? owner.id : null,
    amount_microdollars: 1000,
    expiration_baseline_microdollars_used: 0,
    is_free: true,
    description: 'Promo credits',
    ...credit,
  };
  await plant(url, { credit_transactions: [row] });
  return id;
}

async function lent<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await connect(url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const processed = (owner: CreditOwner) =>
  lent((database) => processCreditExpiry(database, owner, cutOff));

const Row = z.record(z.string(), z.unknown());
async function ownerRow(owner: CreditOwner) {
  const table = owner.kind === 'user' ? 'kilocode_users' : 'organizations';
  const [row] = await ask(
    url,
    { text: `select * from ${table} where id = $1`, values: [owner.id] },
    Row,
  );
  return row;
}
const entriesOf = (owner: CreditOwner) =>
  ask(
    url,
    {
      text: `select * from credit_transactions where credit_category = 'credits_expired' and (
        organization_id::text = $1 or (kilo_user_id = $1 and organization_id is null)) order by created_at`,
      values: [owner.id],
    },
    Row,
  );
async function baselineOf(id: string) {
  const text =
    'select expiration_baseline_microdollars_used as baseline from credit_transactions where id = $1';
  const [row] = await ask(url, { text, values: [id] }, z.object({ baseline: z.number() }));
  return row?.baseline;
}

describe.each(['user', 'organization'] as const)('credits of the %s', (kind) => {
  test('that expired are taken back once, however often it is done', async () => {
    const owner = await newOwner(kind, { used: 400, acquired: 5000, next: due });
    const original = await give(owner, { expiry_date: due });
    expect(await processed(owner)).toBe(4400);
    expect(await processed(owner)).toBe(null);
    expect(await entriesOf(owner)).toMatchObject([
      {
        kilo_user_id: kind === 'user' ? owner.id : 'system',
        organization_id: kind === 'user' ? null : owner.id,
        amount_microdollars: -600,
        original_transaction_id: original,
        original_baseline_microdollars_used: 400,
        description: 'Expired: Promo credits',
        is_free: true,
        created_at: new Date(due),
        expiry_date: null,
      },
    ]);
    expect(await ownerRow(owner)).toMatchObject({
      total_microdollars_acquired: 4400,
      microdollars_used: 400,
      next_credit_expiration_at: null,
    });
  });

  test('that are not due stay, and nothing is written', async () => {
    const owner = await newOwner(kind, { used: 0, acquired: 1000, next: later });
    await give(owner, { expiry_date: later });
    const before = await ownerRow(owner);
    expect(await processed(owner)).toBe(null);
    expect(await entriesOf(owner)).toEqual([]);
    expect(await ownerRow(owner)).toEqual(before);
  });

  test('set the date to look again to the next that expire, and move those up', async () => {
    const owner = await newOwner(kind, { used: 700, acquired: 3500, next: due });
    await give(owner, { expiry_date: due });
    const second = await give(owner, {
      expiry_date: later,
      expiration_baseline_microdollars_used: 200,
    });
    expect(await processed(owner)).toBe(3200);
    expect(await baselineOf(second)).toBe(700);
    expect(await ownerRow(owner)).toMatchObject({ next_credit_expiration_at: new Date(later) });
  });

  test('whose date was wrong get the right one, and nothing else', async () => {
    const owner = await newOwner(kind, { used: 0, acquired: 1000, next: due });
    await give(owner, { expiry_date: later });
    expect(await processed(owner)).toBe(null);
    expect(await entriesOf(owner)).toEqual([]);
    expect(await ownerRow(owner)).toMatchObject({
      total_microdollars_acquired: 1000,
      next_credit_expiration_at: new Date(later),
    });
  });

  test('that were used up leave an entry of nothing', async () => {
    const owner = await newOwner(kind, { used: 8_000_000, acquired: 9_000_000, next: due });
    await give(owner, { expiry_date: due, amount_microdollars: 5_000_000 });
    expect(await processed(owner)).toBe(9_000_000);
    expect(await entriesOf(owner)).toMatchObject([{ amount_microdollars: 0 }]);
  });

  test('that two find expired at the same moment are taken back by one of them', async () => {
    const owner = await newOwner(kind, { used: 0, acquired: 1000, next: due });
    await give(owner, { expiry_date: due });
    const totals = await Promise.all([processed(owner), processed(owner)]);
    expect(new Set(totals)).toEqual(new Set([0, null]));
    expect(await entriesOf(owner)).toHaveLength(1);
    expect(await ownerRow(owner)).toMatchObject({ total_microdollars_acquired: 0 });
  });

  test.each([
    ['something', 0],
    ['nothing', 1000],
  ])('that five have read as expired, with %s left, are taken back once', async (_name, used) => {
    const owner = await newOwner(kind, { used, acquired: 2000, next: due });
    await give(owner, { expiry_date: due });
    const account = await lent((database) => creditAccount(database, owner));
    if (!account) throw new Error('The owner is missing.');
    const expiry = expireCredits(account, cutOff);
    const commit = () => lent((database) => commitCreditExpiry(database, account, expiry));
    const won = await Promise.all(Array.from({ length: 5 }, commit));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await entriesOf(owner)).toHaveLength(1);
    expect(await ownerRow(owner)).toMatchObject({ total_microdollars_acquired: 1000 + used });
  });

  test('that somebody adds to in the meantime are left for the next time', async () => {
    const owner = await newOwner(kind, { used: 500, acquired: 2000, next: due });
    await give(owner, { expiry_date: due });
    const second = await give(owner, { expiry_date: later });
    const account = await lent((database) => creditAccount(database, owner));
    if (!account) throw new Error('The owner is missing.');
    const expiry = expireCredits(account, cutOff);
    expect(expiry.baselines).toMatchObject([{ id: second, baseline: 500 }]);

    const stale = { ...account, acquired: account.used };
    const before = await ownerRow(owner);
    expect(await lent((database) => commitCreditExpiry(database, stale, expiry))).toBe(false);
    expect(await entriesOf(owner)).toEqual([]);
    expect(await baselineOf(second)).toBe(0);
    expect(await ownerRow(owner)).toEqual(before);
  });
});

test('an organisation loses what it did not use from its balance as well', async () => {
  const owner = await newOwner('organization', {
    used: 3_000_000,
    acquired: 10_000_000,
    next: due,
  });
  await give(owner, { expiry_date: due, amount_microdollars: 10_000_000 });
  expect(await processed(owner)).toBe(3_000_000);
  expect(await entriesOf(owner)).toMatchObject([{ amount_microdollars: -7_000_000 }]);
  expect(await ownerRow(owner)).toMatchObject({
    total_microdollars_acquired: 3_000_000,
    microdollars_balance: 0,
    next_credit_expiration_at: null,
  });
});

test('of an organisation that used 7 of 10 million, 3 are taken back', async () => {
  const owner = await newOwner('organization', {
    used: 7_000_000,
    acquired: 10_000_000,
    next: due,
  });
  await give(owner, { expiry_date: due, amount_microdollars: 10_000_000 });
  expect(await processed(owner)).toBe(7_000_000);
  expect(await entriesOf(owner)).toMatchObject([{ amount_microdollars: -3_000_000 }]);
});

test('what a user bought for an organisation is not taken from the user', async () => {
  const owner = await newOwner('user', { used: 0, acquired: 1000, next: due });
  const organization = crypto.randomUUID();
  await give(owner, { expiry_date: due, organization_id: organization });
  expect(await processed(owner)).toBe(null);
  expect(await ownerRow(owner)).toMatchObject({ total_microdollars_acquired: 1000 });
});

test.each(['credits_expired', 'orb_credit_expired', 'orb_credit_voided'])(
  'credits of a user that were ended before (%s) are not ended again',
  async (credit_category) => {
    const owner = await newOwner('user', { used: 0, acquired: 0, next: due });
    const original = await give(owner, { expiry_date: due });
    await give(owner, {
      credit_category,
      original_transaction_id: original,
      amount_microdollars: -1000,
    });
    expect(await processed(owner)).toBe(null);
    expect(await ownerRow(owner)).toMatchObject({
      total_microdollars_acquired: 0,
      next_credit_expiration_at: null,
    });
  },
);

test('an owner that does not exist has nothing to expire', async () => {
  expect(await processed({ kind: 'user', id: UserId.parse('nobody') })).toBe(null);
});
