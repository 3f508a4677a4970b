import { UserId } from '@gateway/worker-utils/ids';
import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { accountProfile } from './account-profile.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

async function profileOf(user: UserId) {
  const database = await connect(url);
  try {
    return await accountProfile(database, user);
  } finally {
    await database.close();
  }
}

test('a user is shown with the organisations that there still are, by name', async () => {
  const user = UserId.parse(crypto.randomUUID());
  const [zebra, ant, gone] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const member = (organization_id: string, role: string) => ({
    organization_id,
    kilo_user_id: user,
    role,
  });
  await plant(url, {
    kilocode_users: [
      {
        id: user,
        google_user_email: `${user}@example.com`,
        google_user_name: 'Somebody',
        google_user_image_url: 'https://example.com/face.png',
        stripe_customer_id: '',
      },
    ],
    organizations: [
      { id: zebra, name: 'Zebra', total_microdollars_acquired: 5_000_000, microdollars_used: 1 },
      { id: ant, name: 'Ant' },
      { id: gone, name: 'Gone', deleted_at: '2026-01-01T00:00:00Z' },
    ],
    organization_memberships: [
      member(zebra, 'owner'),
      member(ant, 'billing_manager'),
      member(gone, 'member'),
    ],
  });
  expect(await profileOf(user)).toEqual({
    name: 'Somebody',
    email: `${user}@example.com`,
    image: 'https://example.com/face.png',
    organizations: [
      { id: ant, name: 'Ant', role: 'billing_manager', balance: 0 },
      { id: zebra, name: 'Zebra', role: 'owner', balance: 4_999_999 },
    ],
  });
});

test('nobody has no profile', async () => {
  expect(await profileOf(UserId.parse('nobody'))).toBeNull();
});
