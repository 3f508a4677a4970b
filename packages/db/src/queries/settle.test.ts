import { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import { ask, usageOf, usedBy } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import type { SettledExchange } from '../usage-record.ts';
import { settle } from './settle.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const newUser = async (): Promise<UserId> => {
  const id = UserId.parse(`user-${crypto.randomUUID()}`);
  const user = {
    id,
    google_user_email: `${id}@example.com`,
    google_user_name: 'A user',
    google_user_image_url: '',
    stripe_customer_id: '',
  };
  await plant(url, { kilocode_users: [user] });
  return id;
};

const exchange = (
  user: UserId | AnonymousId,
  override: Partial<SettledExchange> = {},
): SettledExchange => ({
  id: ExchangeId.parse(crypto.randomUUID()),
  created_at: Instant.parse(1_790_000_000_000),
  kilo_user_id: user,
  organization_id: null,
  cost: MicroUsd.parse(1000),
  input_tokens: 10,
  output_tokens: 20,
  cache_write_tokens: 0,
  cache_hit_tokens: 5,
  provider: 'openrouter',
  model: 'vendor/model',
  requested_model: 'vendor/model',
  cache_discount: null,
  has_error: false,
  inference_provider: 'Somebody',
  project_id: null,
  message_id: 'gen-1',
  lookups: { http_user_agent: 'agent/1', http_ip: '203.0.113.7', feature: 'cli' },
  metadata: {
    vercel_ip_latitude: 48.1,
    vercel_ip_longitude: 11.5,
    user_prompt_prefix: 'Hello',
    system_prompt_length: 0,
    max_tokens: 100,
    has_middle_out_transform: false,
    status_code: 200,
    is_byok: false,
    is_user_byok: false,
    streamed: true,
    cancelled: false,
    has_tools: false,
    machine_id: null,
    session_id: null,
    market_cost: MicroUsd.parse(1000),
    upstream_id: null,
    latency: null,
    moderation_latency: null,
    generation_time: null,
  },
  attempts: [],
  ...override,
});

async function settled(...exchanges: readonly SettledExchange[]) {
  const database = await connect(url);
  try {
    return await settle(database, exchanges);
  } finally {
    await database.close();
  }
}

test('a settled exchange is one row, with its labels, and moves the balance by its cost', async () => {
  const user = await newUser();
  const { landings } = await settled(exchange(user));
  expect(landings).toMatchObject([
    { landed: 'inserted', microdollars_used: 1000, had_usage_before: false },
  ]);
  const rows = await usageOf(url, user);
  expect(rows).toMatchObject([
    {
      cost: 1000,
      http_user_agent: 'agent/1',
      http_x_forwarded_for: '203.0.113.7',
      feature: 'cli',
      mode: null,
    },
  ]);
  expect(await usedBy(url, user)).toBe(1000);
  const text = `select u.created_at = m.created_at as same from microdollar_usage u join microdollar_usage_metadata m using (id) where kilo_user_id = $1`;
  expect(await ask(url, { text, values: [user] }, z.unknown())).toEqual([{ same: true }]);
});

test('settling again changes nothing, however often', async () => {
  const user = await newUser();
  const once = exchange(user);
  await settled(once);
  const again = await Promise.all(Array.from({ length: 5 }, () => settled(once)));
  expect(again.flatMap(({ landings }) => landings.map(({ landed }) => landed))).toEqual(
    Array.from({ length: 5 }, () => 'unchanged'),
  );
  expect(await usedBy(url, user)).toBe(1000);
});

test('the same exchange settled by five writers at once is charged once', async () => {
  const user = await newUser();
  const once = exchange(user);
  await Promise.all(Array.from({ length: 5 }, () => settled(once)));
  expect(await usedBy(url, user)).toBe(1000);
  expect(await usageOf(url, user)).toHaveLength(1);
});

test('a later settlement with another cost applies the difference, once', async () => {
  const user = await newUser();
  const provisional = exchange(user, { cost: MicroUsd.parse(0), has_error: true });
  await settled(provisional);
  const metadata = { ...provisional.metadata, market_cost: MicroUsd.parse(700), latency: 12 };
  const final = { ...provisional, cost: MicroUsd.parse(700), has_error: false, metadata };
  expect((await settled(final)).landings).toMatchObject([
    { landed: 'corrected', microdollars_used: 700 },
  ]);
  await settled(final);
  expect(await usedBy(url, user)).toBe(700);
  expect(await usageOf(url, user)).toMatchObject([
    { cost: 700, has_error: false, market_cost: 700, latency: 12 },
  ]);
});

test('an organisation pays for its member, and its prompts are not kept', async () => {
  const user = await newUser();
  const organization = OrganizationId.parse(crypto.randomUUID());
  await plant(url, { organizations: [{ id: organization, name: 'An organisation' }] });
  const lookups = { system_prompt_prefix: 'You are secret.' };
  await settled(
    exchange(user, { organization_id: organization, lookups }),
    exchange(user, {
      organization_id: organization,
      created_at: Instant.parse(1_790_000_000_000 + 86_400_000),
    }),
  );
  expect(await usedBy(url, user)).toBe(0);
  const balance = 'select microdollars_used, microdollars_balance from organizations where id = $1';
  expect(await ask(url, { text: balance, values: [organization] }, z.unknown())).toEqual([
    { microdollars_used: 2000, microdollars_balance: -2000 },
  ]);
  const daily = `select usage_date::text, microdollar_usage from organization_user_usage where organization_id = $1 order by 1`;
  expect(await ask(url, { text: daily, values: [organization] }, z.unknown())).toEqual([
    { usage_date: '2026-09-21', microdollar_usage: 1000 },
    { usage_date: '2026-09-22', microdollar_usage: 1000 },
  ]);
  expect(await usageOf(url, user)).toMatchObject([
    { system_prompt_prefix: null, user_prompt_prefix: null },
    { user_prompt_prefix: null },
  ]);
});

test('a caller without an account has rows and no balance', async () => {
  const anonymous = AnonymousId.parse('anon:0123456789abcdef');
  const { landings, parked } = await settled(exchange(anonymous, { cost: MicroUsd.parse(0) }));
  expect(landings).toMatchObject([{ landed: 'inserted', microdollars_used: null }]);
  expect(parked).toEqual([]);
});

const { metadata } = exchange(UserId.parse('nobody'));
test.each<[string, Partial<SettledExchange>]>([
  ['a fractional max_tokens', { metadata: { ...metadata, max_tokens: 1.5 } }],
  ['max_tokens that is text', { metadata: { ...metadata, max_tokens: 'lots' } }],
  [
    'NUL in a prompt',
    {
      metadata: { ...metadata, user_prompt_prefix: 'a\0b' },
      lookups: { system_prompt_prefix: '\0' },
    },
  ],
  ['half a surrogate pair', { metadata: { ...metadata, user_prompt_prefix: '\ud800' } }],
  [
    'a user agent of 10 kB',
    {
      lookups: {
        http_user_agent: Array.from({ length: 1000 }, () => crypto.randomUUID())
          .join('')
          .slice(0, 10_000),
      },
    },
  ],
  [
    'coordinates that are no numbers',
    { metadata: { ...metadata, vercel_ip_latitude: Number.NaN, vercel_ip_longitude: Infinity } },
  ],
  ['a status out of range', { metadata: { ...metadata, status_code: 99_999 } }],
  [
    'an attempt that no table could hold',
    {
      attempts: [
        {
          n: 1_000_000,
          provider: 'x',
          status: null,
          ending: 'cut',
          first_byte_ms: null,
          generation_id: null,
          upstream_cost: null,
        },
      ],
    },
  ],
])('%s is charged all the same', async (_name, override) => {
  const user = await newUser();
  const { parked } = await settled(exchange(user, override));
  expect(parked).toEqual([]);
  expect(await usedBy(url, user)).toBe(1000);
  expect(await usageOf(url, user)).toHaveLength(1);
});

test('one poisonous row in a batch of a hundred takes no other with it', async () => {
  const user = await newUser();
  const batch = Array.from({ length: 100 }, () => exchange(user));
  const poison = exchange(user, { input_tokens: 1, cost: MicroUsd.parse(1), project_id: null });
  const parkedId = { ...poison, cost: MicroUsd.parse(Number.MAX_SAFE_INTEGER) };
  batch[42] = { ...parkedId, created_at: Instant.parse(8_640_000_000_000_000) };
  const { landings, parked } = await settled(...batch);
  expect(landings).toHaveLength(99);
  expect(parked.map(({ exchange: { id } }) => id)).toEqual([poison.id]);
  expect(await usedBy(url, user)).toBe(99_000);
});

test('fifty first requests with the same new labels at once are fifty rows and the exact sum', async () => {
  const user = await newUser();
  const lookups = { http_user_agent: `new/${user}`, mode: `mode of ${user}`, editor_name: user };
  await Promise.all(Array.from({ length: 50 }, () => settled(exchange(user, { lookups }))));
  expect(await usageOf(url, user)).toHaveLength(50);
  expect(await usedBy(url, user)).toBe(50_000);
  const text = 'select count(*)::int as n from http_user_agent where http_user_agent = $1';
  expect(await ask(url, { text, values: [lookups.http_user_agent] }, z.unknown())).toEqual([
    { n: 1 },
  ]);
});

test('two batches of the same people in opposite orders do not deadlock', async () => {
  const users = await Promise.all(Array.from({ length: 20 }, newUser));
  const batch = () => users.map((user) => exchange(user));
  await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      settled(...(n % 2 === 0 ? batch() : batch().toReversed())),
    ),
  );
  const used = await Promise.all(users.map((user) => usedBy(url, user)));
  expect(new Set(used)).toEqual(new Set([10_000]));
});
