import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import type { Database } from '../database.ts';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { currentSnapshot } from './current-snapshot.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const cutOff = Instant.parse(Date.parse('2024-01-15T00:00:00Z'));
const due = '2024-01-15T00:00:00Z';
const amounts = {
  microdollars_used: 400,
  total_microdollars_acquired: 1000,
  next_credit_expiration_at: due,
};

/** A user and an organisation that each have 1000, all of it due, and used 400 of it. */
async function newCaller(role: string | null) {
  const user = UserId.parse(`user-${crypto.randomUUID()}`);
  const organization = OrganizationId.parse(crypto.randomUUID());
  const credit = {
    kilo_user_id: user,
    amount_microdollars: 1000,
    expiration_baseline_microdollars_used: 0,
    is_free: true,
    expiry_date: due,
  };
  await plant(url, {
    kilocode_users: [
      {
        id: user,
        google_user_email: `${user}@example.com`,
        google_user_name: 'A user',
        google_user_image_url: '',
        stripe_customer_id: '',
        ...amounts,
      },
    ],
    organizations: [{ id: organization, name: 'An organisation', ...amounts }],
    organization_memberships:
      role === null ? [] : [{ organization_id: organization, kilo_user_id: user, role }],
    credit_transactions: [credit, { ...credit, organization_id: organization }],
  });
  return { user, organization };
}

async function lent<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await connect(url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
const never = (cause: unknown) => {
  throw cause;
};
const snapshotOf = (
  caller: { readonly user: UserId; readonly organization: OrganizationId | null },
  until = cutOff,
) => lent((database) => currentSnapshot(database, caller, { cutOff: until, onFailure: never }));

const entriesOf = async (user: UserId, organization: OrganizationId) => {
  const text = `select kilo_user_id from credit_transactions
    where credit_category = 'credits_expired' and (kilo_user_id = $1 or organization_id = $2)`;
  const rows = await ask(
    url,
    { text, values: [user, organization] },
    z.object({ kilo_user_id: z.string() }),
  );
  return rows.map(({ kilo_user_id }) => kilo_user_id);
};

test("a user's expired credits are gone when the user asks", async () => {
  const { user, organization } = await newCaller('member');
  expect(await snapshotOf({ user, organization: null })).toMatchObject({
    total_microdollars_acquired: 400,
    next_credit_expiration_at: null,
  });
  expect(await entriesOf(user, organization)).toEqual([user]);
});

test("an organisation's expired credits are gone when a member asks, and the member's own stay", async () => {
  const { user, organization } = await newCaller('member');
  expect(await snapshotOf({ user, organization })).toMatchObject({
    total_microdollars_acquired: 1000,
    organization: { total_microdollars_acquired: 400, next_credit_expiration_at: null },
  });
  expect(await entriesOf(user, organization)).toEqual(['system']);
});

test.each(['billing_manager', null])(
  'who may not spend for an organisation (%s) changes nothing of it',
  async (role) => {
    const { user, organization } = await newCaller(role);
    expect(await snapshotOf({ user, organization })).toMatchObject({
      organization: { total_microdollars_acquired: 1000 },
    });
    expect(await entriesOf(user, organization)).toEqual([]);
  },
);

test('credits that expire after the cut-off can still be spent', async () => {
  const { user, organization } = await newCaller('member');
  const before = Instant.parse(cutOff - 1);
  expect(await snapshotOf({ user, organization: null }, before)).toMatchObject({
    total_microdollars_acquired: 1000,
  });
  expect(await entriesOf(user, organization)).toEqual([]);
});

test('of ten requests at once, none sees the credits that expired', async () => {
  const { user, organization } = await newCaller('member');
  const asked = Array.from({ length: 10 }, () => snapshotOf({ user, organization: null }));
  const totals = (await Promise.all(asked)).map((found) => found?.total_microdollars_acquired);
  expect(new Set(totals)).toEqual(new Set([400]));
  expect(await entriesOf(user, organization)).toHaveLength(1);
});

test('an expiry that fails is reported, and refuses nobody', async () => {
  const { user } = await newCaller('member');
  const failures: unknown[] = [];
  const onFailure = (cause: unknown) => failures.push(cause);
  const snapshot = await lent((database) =>
    currentSnapshot(
      {
        ...database,
        rows: (query, row) =>
          query.text.includes('credit_transactions')
            ? Promise.reject(new Error('away'))
            : database.rows(query, row),
      },
      { user, organization: null },
      { cutOff, onFailure },
    ),
  );
  expect(snapshot).toMatchObject({ total_microdollars_acquired: 1000 });
  expect(failures).toEqual([new Error('away')]);
});

test('nobody is nobody', async () => {
  const user = UserId.parse('nobody');
  expect(await snapshotOf({ user, organization: null })).toBe(null);
});
