import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { payerAccount } from './payer-account.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const user = UserId.parse('a-user');
const accountOf = async (organization: OrganizationId | null, id = user) => {
  const database = await connect(url);
  try {
    return await payerAccount(database, { user: id, organization });
  } finally {
    await database.close();
  }
};

test('a user has what was acquired and not used', async () => {
  const row = {
    id: user,
    google_user_email: 'a@example.com',
    google_user_name: 'A',
    google_user_image_url: '',
    stripe_customer_id: '',
    microdollars_used: 30,
    total_microdollars_acquired: 100,
  };
  await plant(url, { kilocode_users: [row] });
  expect(await accountOf(null)).toEqual({
    microdollars_used: 30,
    total_microdollars_acquired: 100,
    member: null,
  });
  expect(await accountOf(null, UserId.parse('nobody'))).toBeNull();
});

const today = () => new Date().toISOString().slice(0, 10);

test("a member's day is told, of today only, and not where seats are paid for", async () => {
  const [limited, seated, free] = [1, 2, 3].map(() => OrganizationId.parse(crypto.randomUUID()));
  if (!limited || !seated || !free) throw new Error('Three were made.');
  const organization = { total_microdollars_acquired: 50, microdollars_used: 7 };
  await plant(url, {
    organizations: [
      { id: limited, name: 'Limited', require_seats: false, ...organization },
      { id: seated, name: 'Seated', require_seats: true, ...organization },
      { id: free, name: 'Free', require_seats: false, ...organization },
    ],
    organization_user_limits: [limited, seated].map((id) => ({
      organization_id: id,
      kilo_user_id: user,
      limit_type: 'daily',
      microdollar_limit: 20,
    })),
    organization_user_usage: [today(), '2020-02-02'].map((usage_date) => ({
      organization_id: limited,
      kilo_user_id: user,
      limit_type: 'daily',
      usage_date,
      microdollar_usage: 5,
    })),
  });
  const account = { microdollars_used: 7, total_microdollars_acquired: 50 };
  const day = today();
  expect(await accountOf(limited)).toEqual({
    ...account,
    member: { day, microdollar_usage: 5, microdollar_limit: 20 },
  });
  expect(await accountOf(seated)).toEqual({ ...account, member: null });
  expect(await accountOf(free)).toEqual({
    ...account,
    member: { day, microdollar_usage: 0, microdollar_limit: null },
  });
});
