import { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import { ask, organizationBalance, usageOf, usageWithId, usedBy } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase, run } from '../test-database.ts';
import type { SettledExchange } from '../settled-exchange.ts';
import type { LookupMemory } from './resolve-lookups.ts';
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

const newOrganization = async (override: object = {}): Promise<OrganizationId> => {
  const id = OrganizationId.parse(crypto.randomUUID());
  await plant(url, { organizations: [{ id, name: 'An organisation', ...override }] });
  return id;
};

const daysOf = (organization: OrganizationId) => {
  const text = `select usage_date::text, kilo_user_id, microdollar_usage from organization_user_usage
    where organization_id = $1 order by 1`;
  return ask(url, { text, values: [organization] }, z.unknown());
};

const exchange = (
  user: UserId | AnonymousId,
  override: Partial<SettledExchange> = {},
): SettledExchange => ({
  id: ExchangeId.parse(crypto.randomUUID()),
  revision: 1,
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

const settled = (...exchanges: readonly SettledExchange[]) => settledWith(new Map(), exchanges);

async function settledWith(memory: LookupMemory, exchanges: readonly SettledExchange[]) {
  const database = await connect(url);
  try {
    return await settle(database, exchanges, { memory });
  } finally {
    await database.close();
  }
}

test('a settled exchange is one row, with its labels, and moves the balance by its cost', async () => {
  const user = await newUser();
  const { landings } = await settled(exchange(user));
  expect(landings).toMatchObject([
    { landed: 'inserted', microdollars_used: 1000, had_usage_before: false, cost_before: null },
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

test('an exchange that comes twice in one batch is charged once', async () => {
  const user = await newUser();
  const once = exchange(user);
  expect((await settled(once, once)).landings).toHaveLength(1);
  expect(await usedBy(url, user)).toBe(1000);
});

test('five writers of the same correction apply its difference once', async () => {
  const user = await newUser();
  const provisional = exchange(user);
  await settled(provisional);
  const final = { ...provisional, cost: MicroUsd.parse(1700) };
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => settled(final)));
  const ways = outcomes.flatMap(({ landings }) => landings.map(({ landed }) => landed));
  expect(ways.toSorted()).toEqual(['corrected', ...Array.from({ length: 4 }, () => 'unchanged')]);
  expect(await usedBy(url, user)).toBe(1700);
});

test('a correction changes the balance of who paid first, on the day on which it was first counted', async () => {
  const [payer, other] = [await newUser(), await newUser()];
  const organization = await newOrganization();
  const first = exchange(payer, { organization_id: organization });
  await settled(first);
  const tomorrow = Instant.parse(first.created_at + 86_400_000);
  const cost = MicroUsd.parse(1500);
  await settled({
    ...first,
    cost,
    organization_id: null,
    kilo_user_id: other,
    created_at: tomorrow,
  });
  expect(await usedBy(url, other)).toBe(0);
  expect(await usedBy(url, payer)).toBe(0);
  expect(await organizationBalance(url, organization)).toMatchObject({ microdollars_used: 1500 });
  expect(await daysOf(organization)).toEqual([
    { usage_date: '2026-09-21', kilo_user_id: payer, microdollar_usage: 1500 },
  ]);
});

test('what is learnt after a settlement is filled in, and what is not known then erases nothing', async () => {
  const user = await newUser();
  const cost = MicroUsd.parse(0);
  const lookups = { http_user_agent: 'agent/1', finish_reason: 'stop' };
  const provisional = exchange(user, { cost, has_error: true, message_id: null });
  await settled(provisional);
  const metadata = { ...provisional.metadata, latency: 12.5, session_id: null };
  const record = { ...provisional, has_error: false, message_id: 'gen-9', lookups, metadata };
  expect((await settled(record)).landings).toMatchObject([
    { landed: 'corrected', microdollars_used: 0 },
  ]);
  expect((await settled(record)).landings).toMatchObject([{ landed: 'unchanged' }]);
  const forgetful = { ...record, message_id: null, lookups: {}, inference_provider: null };
  expect((await settled(forgetful)).landings).toMatchObject([{ landed: 'unchanged' }]);
  expect(await usageOf(url, user)).toMatchObject([
    {
      has_error: false,
      message_id: 'gen-9',
      latency: 12.5,
      finish_reason: 'stop',
      http_user_agent: 'agent/1',
      feature: 'cli',
      inference_provider: 'Somebody',
    },
  ]);
});

test('an older settlement that arrives late changes nothing, nor does one that never learnt anything', async () => {
  const user = await newUser();
  const attempts = [
    {
      n: 1,
      provider: 'openrouter',
      status: 200,
      ending: 'complete',
      first_byte_ms: 1,
      generation_id: null,
      upstream_cost: null,
      is_user_byok: false,
    },
  ];
  const settlement = exchange(user, { attempts, has_error: true, cost: MicroUsd.parse(0) });
  const corrected = { ...settlement, revision: 2, has_error: false, cost: MicroUsd.parse(1000) };
  await settled(corrected);
  const replays = [settlement, { ...settlement, revision: 0 }];
  for (const replay of [...replays, ...replays.toReversed()]) {
    expect((await settled(replay)).landings).toMatchObject([
      { landed: 'unchanged', microdollars_used: 1000 },
    ]);
  }
  expect(await usageOf(url, user)).toMatchObject([{ cost: 1000, has_error: false }]);
});

test('what was never learnt of an exchange is a row until it is, and never replaces what is known', async () => {
  const user = await newUser();
  const settlement = exchange(user);
  const lost = { ...settlement, revision: 0, cost: MicroUsd.parse(0), has_error: true };
  expect((await settled(lost)).landings).toMatchObject([{ landed: 'inserted' }]);
  expect((await settled(settlement)).landings).toMatchObject([{ landed: 'corrected' }]);
  expect((await settled(lost)).landings).toMatchObject([{ landed: 'unchanged' }]);
  expect(await usageOf(url, user)).toMatchObject([{ cost: 1000, has_error: false }]);
  expect(await usedBy(url, user)).toBe(1000);
});

test('a cost that is not known yet is none, and takes back none that is known', async () => {
  const user = await newUser();
  const unknown = exchange(user, { cost: null });
  expect((await settled(unknown)).landings).toMatchObject([
    { landed: 'inserted', microdollars_used: 0 },
  ]);
  await settled({ ...unknown, revision: 2, cost: MicroUsd.parse(700) });
  expect((await settled({ ...unknown, revision: 3, has_error: true })).landings).toMatchObject([
    { landed: 'corrected', microdollars_used: 700 },
  ]);
  expect(await usageOf(url, user)).toMatchObject([{ cost: 700, has_error: true }]);
  expect(await usedBy(url, user)).toBe(700);
});

test('each exchange of a batch tells the balance as it was after it, and only one is the first', async () => {
  const user = await newUser();
  const at = (n: number) => Instant.parse(1_790_000_000_000 + n);
  const batch = [3, 1, 2].map((n) => exchange(user, { created_at: at(n) }));
  const free = exchange(user, { created_at: at(4), cost: MicroUsd.parse(0) });
  const { landings } = await settled(...batch, free);
  const told = new Map(landings.map((landing) => [landing.id, landing]));
  expect([...batch, free].map(({ id }) => told.get(id))).toMatchObject([
    { microdollars_used: 3000, payer_balance: -3000, had_usage_before: true },
    { microdollars_used: 1000, payer_balance: -1000, had_usage_before: false },
    { microdollars_used: 2000, payer_balance: -2000, had_usage_before: true },
    { microdollars_used: 3000, payer_balance: -3000, had_usage_before: true },
  ]);
});

test('a landing tells what its payer has left, and whether it wants more to be bought', async () => {
  const [user, ghost] = [await newUser(), UserId.parse(`ghost-${crypto.randomUUID()}`)];
  const organization = await newOrganization({
    total_microdollars_acquired: 10_000,
    auto_top_up_enabled: true,
  });
  const { landings } = await settled(
    exchange(user, { organization_id: organization }),
    exchange(user),
    exchange(ghost),
  );
  expect(landings.map((landing) => [landing.payer_balance, landing.auto_top_up_enabled])).toEqual([
    [9000, true],
    [-1000, false],
    [null, false],
  ]);
});

test("an organisation's minimum is crossed by one exchange of a batch, and its alert addresses are told", async () => {
  const settings = { minimum_balance: 0.0075, minimum_balance_alert_email: ['it@example.com'] };
  const organization = await newOrganization({ total_microdollars_acquired: 10_000, settings });
  const user = await newUser();
  const batch = Array.from({ length: 5 }, (_, n) =>
    exchange(user, {
      organization_id: organization,
      created_at: Instant.parse(1_790_000_000_000 + n),
    }),
  );
  const { landings } = await settled(...batch);
  const told = new Map(landings.map((landing) => [landing.id, landing.organization]));
  expect(batch.map(({ id }) => told.get(id))).toEqual(
    [10_000, 9000, 8000, 7000, 6000].map((before) => ({
      microdollars_used: 11_000 - before,
      member_day: '2026-09-21',
      member_day_usage: 5000,
      balance_before: before,
      balance_after: before - 1000,
      ...settings,
    })),
  );
});

test('settings that are not as they should be keep no organisation from being charged', async () => {
  const settings = { minimum_balance: 'much', minimum_balance_alert_email: 'it@example.com' };
  const organization = await newOrganization({ settings });
  const { landings } = await settled(exchange(await newUser(), { organization_id: organization }));
  expect(landings).toMatchObject([
    { organization: { minimum_balance: null, minimum_balance_alert_email: [] } },
  ]);
});

test('an organisation that does not exist has rows and no balance', async () => {
  const user = await newUser();
  const organization = OrganizationId.parse(crypto.randomUUID());
  const { landings } = await settled(exchange(user, { organization_id: organization }));
  expect(landings).toMatchObject([{ landed: 'inserted', organization: null }]);
  expect(await usedBy(url, user)).toBe(0);
});

test('a user who does not exist has rows, and nobody is charged', async () => {
  const { landings, parked } = await settled(
    exchange(UserId.parse(`ghost-${crypto.randomUUID()}`)),
  );
  expect(landings).toMatchObject([{ landed: 'inserted', microdollars_used: null }]);
  expect(parked).toEqual([]);
});

test('an organisation pays for its member, and its prompts are not kept', async () => {
  const user = await newUser();
  const organization = await newOrganization();
  const lookups = { system_prompt_prefix: 'You are secret.' };
  await settled(
    exchange(user, { organization_id: organization, lookups }),
    exchange(user, {
      organization_id: organization,
      created_at: Instant.parse(1_790_000_000_000 + 86_400_000),
    }),
  );
  expect(await usedBy(url, user)).toBe(0);
  expect(await organizationBalance(url, organization)).toMatchObject({
    microdollars_used: 2000,
    microdollars_balance: -2000,
  });
  expect(await daysOf(organization)).toEqual([
    { usage_date: '2026-09-21', kilo_user_id: user, microdollar_usage: 1000 },
    { usage_date: '2026-09-22', kilo_user_id: user, microdollar_usage: 1000 },
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
  [
    'times that no column can hold',
    { metadata: { ...metadata, latency: 1e300, moderation_latency: 1e-50 } },
  ],
  [
    'an organisation whose id is none',
    { organization_id: z.string().brand<'OrganizationId'>().parse('acme') },
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
          is_user_byok: false,
        },
      ],
    },
  ],
])('%s is charged all the same', async (_name, override) => {
  const user = await newUser();
  const { parked } = await settled(exchange(user, override));
  expect(parked).toEqual([]);
  expect(await usedBy(url, user)).toBe(1000);
  // With its other metadata: none of these costs more than the value itself.
  expect(await usageOf(url, user)).toMatchObject([{ message_id: 'gen-1', streamed: true }]);
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

test('a row that fails alone is charged without its metadata, and the others keep theirs', async () => {
  const user = await newUser();
  await run(
    url,
    `alter table microdollar_usage_metadata add constraint "no_poison" check (machine_id <> 'poison')`,
  );
  const poison = exchange(user, { metadata: { ...metadata, machine_id: 'poison' } });
  const { landings, parked } = await settled(exchange(user), poison, exchange(user));
  expect(parked).toEqual([]);
  expect(landings.map(({ landed }) => landed)).toEqual(['inserted', 'inserted', 'inserted']);
  expect(await usedBy(url, user)).toBe(3000);
  expect(await usageWithId(url, poison.id)).toMatchObject({
    cost: 1000,
    message_id: 'gen-1',
    status_code: null,
    http_user_agent: null,
  });
  const rows = await usageOf(url, user);
  expect(rows.filter(({ status_code }) => status_code === 200)).toHaveLength(2);
});

test('who has locked a payer keeps no other from being settled, and that one is neither written nor given up', async () => {
  const [locked, ...others] = await Promise.all([newUser(), newUser(), newUser(), newUser()]);
  const [holder, writer] = await Promise.all([connect(url), connect(url)]);
  try {
    const exchanges = [...others, locked, ...others].map((user) => exchange(user));
    await holder.rows({ text: 'begin', values: [] }, z.unknown());
    const lock = 'select id from kilocode_users where id = $1 for update';
    await holder.rows({ text: lock, values: [locked] }, z.unknown());
    const { landings, parked } = await settle(writer, exchanges, { lockMsMax: 50 });
    expect(parked).toEqual([]);
    expect(landings).toHaveLength(6);
    expect(await Promise.all(others.map((user) => usedBy(url, user)))).toEqual([2000, 2000, 2000]);

    await holder.rows({ text: 'rollback', values: [] }, z.unknown());
    const again = await settle(writer, exchanges, { lockMsMax: 50 });
    expect(again.landings.map(({ landed }) => landed).toSorted()).toEqual([
      'inserted',
      ...Array.from({ length: 6 }, () => 'unchanged'),
    ]);
    expect(await usedBy(url, locked)).toBe(1000);
  } finally {
    await Promise.all([holder.close(), writer.close()]);
  }
});

test('a database that may only be read parks nothing: it is tried again later', async () => {
  const user = await newUser();
  const database = await connect(url);
  try {
    await database.rows(
      { text: 'set default_transaction_read_only = on', values: [] },
      z.unknown(),
    );
    await expect(settle(database, [exchange(user)])).rejects.toMatchObject({ code: '25006' });
  } finally {
    await database.close();
  }
});

test('a hundred exchanges with one new label make it once', async () => {
  const user = await newUser();
  const lookups = { http_user_agent: `one/${user}` };
  const { landings } = await settled(
    ...Array.from({ length: 100 }, () => exchange(user, { lookups })),
  );
  expect(new Set(landings.map(({ landed }) => landed))).toEqual(new Set(['inserted']));
  const text = 'select count(*)::int as n from http_user_agent where http_user_agent = $1';
  expect(await ask(url, { text, values: [lookups.http_user_agent] }, z.unknown())).toEqual([
    { n: 1 },
  ]);
});

test('equal labels are stored once and different ones apart', async () => {
  const user = await newUser();
  const name = (n: number) => `shared/${n}/${user}`;
  const at = (n: number) => Instant.parse(1_790_000_000_000 + n);
  await settled(
    exchange(user, { created_at: at(1), lookups: { editor_name: name(1), mode: name(1) } }),
    exchange(user, { created_at: at(2), lookups: { editor_name: name(1), mode: name(2) } }),
  );
  await settled(exchange(user, { created_at: at(3), lookups: { editor_name: name(2) } }));
  const text = `select editor_name_id as editor, mode_id as mode from microdollar_usage usage
    join microdollar_usage_metadata metadata using (id) where kilo_user_id = $1 order by usage.created_at`;
  const Ids = z.object({ editor: z.number(), mode: z.number().nullable() });
  const [first, second, third] = await ask(url, { text, values: [user] }, Ids);
  expect(first?.editor).toBe(second?.editor);
  expect(first?.mode).not.toBe(second?.mode);
  expect(third?.editor).not.toBe(first?.editor);
  expect(third?.mode).toBe(null);
});

test('a row and its metadata tell the same time: that of the exchange', async () => {
  const user = await newUser();
  await settled(exchange(user));
  const text = `select usage.created_at, metadata.created_at as told from microdollar_usage usage
    join microdollar_usage_metadata metadata using (id) where kilo_user_id = $1`;
  const at = new Date(1_790_000_000_000);
  expect(await ask(url, { text, values: [user] }, z.unknown())).toEqual([
    { created_at: at, told: at },
  ]);
});

test('attempts are kept with what they cost, once, and a cost that is learnt later is added', async () => {
  const user = await newUser();
  const cut = {
    n: 1,
    provider: 'openrouter',
    status: 200,
    ending: 'cut',
    first_byte_ms: 120.4,
    generation_id: 'gen-0',
    upstream_cost: null,
    is_user_byok: false,
  };
  const complete = {
    ...cut,
    n: 2,
    provider: 'vercel',
    ending: 'complete',
    first_byte_ms: null,
    is_user_byok: true,
  };
  const made = exchange(user, { attempts: [cut, complete] });
  await settled(made);
  await settled(made);
  const learnt = { ...cut, upstream_cost: MicroUsd.parse(42) };
  await settled({ ...made, revision: 2, attempts: [learnt] });
  await settled(made);
  const text = `select n, provider, status, ending, first_byte_ms, generation_id, upstream_cost,
      is_user_byok, created_at
    from gateway.attempts where usage_id = $1 order by n`;
  const created_at = new Date(made.created_at);
  expect(await ask(url, { text, values: [made.id] }, z.unknown())).toEqual([
    { ...cut, first_byte_ms: 120, upstream_cost: 42, created_at },
    { ...complete, created_at },
  ]);
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

test('two batches of the same people and organisations in opposite orders do not deadlock', async () => {
  const users = await Promise.all(Array.from({ length: 20 }, newUser));
  const organizations = await Promise.all(Array.from({ length: 5 }, () => newOrganization()));
  const batch = () => [
    ...users.map((user) => exchange(user)),
    ...users.map((user, n) =>
      exchange(user, { organization_id: organizations[n % organizations.length] ?? null }),
    ),
  ];
  await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      settled(...(n % 2 === 0 ? batch() : batch().toReversed())),
    ),
  );
  const used = await Promise.all(users.map((user) => usedBy(url, user)));
  expect(new Set(used)).toEqual(new Set([10_000]));
  const paid = await Promise.all(organizations.map((id) => organizationBalance(url, id)));
  expect(new Set(paid.map((balance) => balance?.microdollars_used))).toEqual(new Set([40_000]));
});

const SEQUENCES = process.env['PROOF_RUNS'] === undefined ? 20 : 500;
test('whatever is settled, again, corrected and at once, every balance is the sum of its rows', async () => {
  const batches = fc.array(
    fc.array(fc.record({ n: fc.nat(5), cost: fc.nat(5000) }), { minLength: 1, maxLength: 12 }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(batches, async (costs) => {
      const [user, organization] = [await newUser(), await newOrganization()];
      // Even ones are the user's, odd ones the organisation's.
      const exchanges = Array.from({ length: 6 }, (_, n) =>
        exchange(user, { organization_id: n % 2 === 0 ? null : organization }),
      );
      await Promise.all(
        costs.map((batch) =>
          settled(
            ...batch.flatMap(({ n, cost }) =>
              exchanges.slice(n, n + 1).map((one) => ({ ...one, cost: MicroUsd.parse(cost) })),
            ),
          ),
        ),
      );
      const rows = await usageOf(url, user);
      const sumOf = (isOfUser: boolean) =>
        rows
          .filter((row) => (row['organization_id'] === null) === isOfUser)
          .reduce((sum, { cost }) => sum + cost, 0);
      expect(await usedBy(url, user)).toBe(sumOf(true));
      expect(await organizationBalance(url, organization)).toMatchObject({
        microdollars_used: sumOf(false),
        microdollars_balance: 0 - sumOf(false),
      });
      const days = z.array(z.object({ microdollar_usage: z.number() }));
      const used = days.parse(await daysOf(organization));
      expect(used.reduce((sum, day) => sum + day.microdollar_usage, 0)).toBe(sumOf(false));
    }),
    { numRuns: SEQUENCES },
  );
}, 300_000);

test('a first use whose cost is learnt late is still the first, and a later one is not', async () => {
  const user = await newUser();
  const first = exchange(user, { cost: MicroUsd.parse(0) });
  await settled(first);
  const [learnt] = (await settled({ ...first, revision: 2, cost: MicroUsd.parse(500) })).landings;
  expect(learnt).toMatchObject({ landed: 'corrected', had_usage_before: false, cost_before: 0 });
  const second = exchange(user, { created_at: Instant.parse(first.created_at + 1) });
  await settled(second);
  const again = { ...second, revision: 2, cost: MicroUsd.parse(2000) };
  expect((await settled(again)).landings).toMatchObject([
    { landed: 'corrected', had_usage_before: true },
  ]);
});

test('who settles again and again keeps its labels, also when one of them has gone in between', async () => {
  const user = await newUser();
  const lookups = { http_user_agent: `agent/${user}` };
  const memory: LookupMemory = new Map();
  const agentOf = async () => {
    const one = exchange(user, { lookups });
    await settledWith(memory, [one]);
    const text = `select http_user_agent from microdollar_usage_metadata metadata
      left join http_user_agent using (http_user_agent_id) where metadata.id = $1`;
    return ask(url, { text, values: [one.id] }, z.unknown());
  };
  const named = [lookups];
  expect(await agentOf()).toEqual(named);
  expect(await agentOf()).toEqual(named);
  await run(
    url,
    `update microdollar_usage_metadata set http_user_agent_id = null
    where id in (select id from microdollar_usage where kilo_user_id = '${user}')`,
  );
  await run(
    url,
    `delete from http_user_agent where http_user_agent = '${lookups.http_user_agent}'`,
  );
  await agentOf();
  expect(await agentOf()).toEqual(named);
  expect(await usedBy(url, user)).toBe(4000);
});
