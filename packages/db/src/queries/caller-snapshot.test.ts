import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase, run } from '../test-database.ts';
import { callerSnapshot } from './caller-snapshot.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const newUser = async (override: object = {}): Promise<UserId> => {
  const id = UserId.parse(`user-${crypto.randomUUID()}`);
  const user = {
    id,
    google_user_email: `${id}@example.com`,
    google_user_name: 'A user',
    google_user_image_url: '',
    stripe_customer_id: '',
    ...override,
  };
  await plant(url, { kilocode_users: [user] });
  return id;
};

const newOrganization = async (override: object = {}): Promise<OrganizationId> => {
  const id = OrganizationId.parse(crypto.randomUUID());
  await plant(url, { organizations: [{ id, name: 'An organisation', ...override }] });
  return id;
};

const join = (organization_id: OrganizationId, kilo_user_id: UserId, role: string) =>
  plant(url, { organization_memberships: [{ organization_id, kilo_user_id, role }] });

const llmOf = (organization: OrganizationId, public_id: string) => ({
  public_id,
  display_name: 'A model',
  context_length: 200_000,
  max_completion_tokens: 32_000,
  internal_id: 'model-1',
  provider: 'openai',
  base_url: 'https://llm.example/v1',
  api_key: 'secret',
  organization_ids: [crypto.randomUUID(), organization],
  opencode_settings: { theme: 'dark' },
});

async function snapshotOf(user: UserId, organization: OrganizationId | null = null, from = url) {
  const database = await connect(from);
  try {
    return await callerSnapshot(database, { user, organization });
  } finally {
    await database.close();
  }
}

test('a user alone has a balance, own keys in the order of their making, and no custom models', async () => {
  const user = await newUser({
    microdollars_used: 400,
    total_microdollars_acquired: 1000,
    kilo_pass_threshold: 700,
    api_token_pepper: 'pepper',
  });
  const organization = await newOrganization();
  const encrypted_api_key = { iv: 'a', data: 'b', authTag: 'c' };
  const key = { kilo_user_id: user, encrypted_api_key, created_by: user };
  await plant(url, {
    byok_api_keys: [
      { ...key, provider_id: 'openai', created_at: '2026-01-02T00:00:00Z' },
      { ...key, provider_id: 'anthropic', created_at: '2026-01-01T00:00:00Z' },
      { ...key, provider_id: 'xai', is_enabled: false },
      { ...key, kilo_user_id: null, organization_id: organization, provider_id: 'mistral' },
    ],
    custom_llm: [llmOf(organization, crypto.randomUUID())],
  });
  const snapshot = await snapshotOf(user);
  expect(snapshot).toMatchObject({
    id: user,
    api_token_pepper: 'pepper',
    blocked_reason: null,
    microdollars_used: 400,
    total_microdollars_acquired: 1000,
    kilo_pass_threshold: 700,
    organization: null,
    customLlms: [],
  });
  expect(snapshot?.ownKeys).toMatchObject([
    { provider_id: 'anthropic', encrypted_api_key },
    { provider_id: 'openai', encrypted_api_key },
  ]);
});

test('a role that the gateway does not know is a member', async () => {
  const [user, organization] = [await newUser(), await newOrganization()];
  await join(organization, user, 'security_auditor');
  const key = { organization_id: organization, provider_id: 'openai', created_by: user };
  await plant(url, {
    byok_api_keys: [{ ...key, encrypted_api_key: {} }],
    custom_llm: [llmOf(organization, `kilo-internal/${organization}`)],
  });
  expect(await snapshotOf(user, organization)).toMatchObject({
    organization: { role: 'member' },
    ownKeys: [{ provider_id: 'openai' }],
    customLlms: [{ public_id: `kilo-internal/${organization}` }],
  });
});

test('a custom model of an unexpected shape is left out, and the others stay', async () => {
  const host = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(host);
  const id = UserId.parse(`user-${crypto.randomUUID()}`);
  const organization = OrganizationId.parse(crypto.randomUUID());
  await plant(host, {
    kilocode_users: [
      {
        id,
        google_user_email: `${id}@example.com`,
        google_user_name: 'A user',
        google_user_image_url: '',
        stripe_customer_id: '',
      },
    ],
    organizations: [{ id: organization, name: 'An organisation' }],
    organization_memberships: [{ organization_id: organization, kilo_user_id: id, role: 'member' }],
    custom_llm: [
      llmOf(organization, 'kilo-internal/good'),
      llmOf(organization, 'kilo-internal/odd'),
    ],
  });
  // A later version of the host application may hold an object where this one holds a text.
  await run(
    host,
    `alter table custom_llm alter column verbosity type jsonb using to_jsonb(verbosity);
    update custom_llm set verbosity = '{"level": "high"}' where public_id = 'kilo-internal/odd'`,
  );
  const snapshot = await snapshotOf(id, organization, host);
  expect(snapshot?.customLlms.map(({ public_id }) => public_id)).toEqual(['kilo-internal/good']);
});

test.each(['owner', 'member'])(
  'an %s has the keys and custom models of the organisation, and not their own',
  async (role) => {
    const [user, organization] = [await newUser(), await newOrganization()];
    await join(organization, user, role);
    const key = { provider_id: 'openai', encrypted_api_key: 'unreadable', created_by: user };
    const public_id = `kilo-internal/${organization}`;
    await plant(url, {
      byok_api_keys: [
        { ...key, kilo_user_id: user },
        { ...key, organization_id: organization, provider_id: 'bedrock' },
      ],
      custom_llm: [
        llmOf(organization, public_id),
        llmOf(await newOrganization(), 'somebody-elses'),
      ],
    });
    const snapshot = await snapshotOf(user, organization);
    expect(snapshot?.organization).toMatchObject({ id: organization, role });
    expect(snapshot?.ownKeys).toMatchObject([
      { provider_id: 'bedrock', encrypted_api_key: 'unreadable' },
    ]);
    expect(snapshot?.customLlms).toMatchObject([
      {
        public_id,
        api_key: 'secret',
        verbosity: null,
        force_reasoning: null,
        opencode_settings: { theme: 'dark' },
      },
    ]);
  },
);

test.each(['billing_manager', null])(
  'who may not spend for an organisation (%s) sees none of its keys and models',
  async (role) => {
    const [user, organization] = [await newUser(), await newOrganization()];
    if (role !== null) await join(organization, user, role);
    await plant(url, {
      byok_api_keys: [
        {
          organization_id: organization,
          provider_id: 'openai',
          encrypted_api_key: {},
          created_by: user,
        },
      ],
      custom_llm: [llmOf(organization, crypto.randomUUID())],
    });
    expect(await snapshotOf(user, organization)).toMatchObject({
      organization: { role },
      ownKeys: [],
      customLlms: [],
    });
  },
);

test("a member's limit counts what was used today, and nothing of yesterday or of others", async () => {
  const [user, other, organization] = [await newUser(), await newUser(), await newOrganization()];
  await join(organization, user, 'member');
  await plant(url, {
    organization_user_limits: [
      {
        organization_id: organization,
        kilo_user_id: user,
        limit_type: 'daily',
        microdollar_limit: 0,
      },
    ],
  });
  await run(
    url,
    `insert into organization_user_usage (organization_id, kilo_user_id, usage_date, limit_type, microdollar_usage)
     select '${organization}', id, (now() at time zone 'UTC')::date - days, 'daily', amount
     from (values ('${user}', 0, 30), ('${user}', 1, 500), ('${other}', 0, 7000)) used(id, days, amount)`,
  );
  expect(await snapshotOf(user, organization)).toMatchObject({
    organization: { microdollar_limit: 0, microdollar_usage: 30 },
  });
});

test('an organisation that does not exist is none, and its absence does not open own keys', async () => {
  const user = await newUser();
  await plant(url, {
    byok_api_keys: [
      { kilo_user_id: user, provider_id: 'openai', encrypted_api_key: {}, created_by: user },
    ],
  });
  const snapshot = await snapshotOf(user, OrganizationId.parse(crypto.randomUUID()));
  expect(snapshot).toMatchObject({ organization: null, ownKeys: [] });
});

test('a host whose custom models lack the newer or the older columns is asked all the same', async () => {
  const host = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(host);
  await run(
    host,
    `alter table custom_llm drop column verbosity, drop column reasoning_effort, drop column force_reasoning,
       drop column opencode_settings, drop column extra_body, drop column interleaved_format`,
  );
  const organization = OrganizationId.parse(crypto.randomUUID());
  await run(
    host,
    `insert into kilocode_users (id, google_user_email, google_user_name, google_user_image_url, stripe_customer_id)
       values ('u', 'u', 'u', '', '');
     insert into organizations (id, name) values ('${organization}', 'o');
     insert into organization_memberships (organization_id, kilo_user_id, role) values ('${organization}', 'u', 'member');
     insert into custom_llm (public_id, display_name, context_length, max_completion_tokens, internal_id, provider,
       base_url, api_key, organization_ids)
       values ('m', 'm', 1, 1, 'm', 'openai', 'https://m.example', 'k', '["${organization}"]')`,
  );
  const snapshot = await snapshotOf(UserId.parse('u'), organization, host);
  expect(snapshot?.customLlms).toMatchObject([
    { public_id: 'm', verbosity: null, extra_body: null },
  ]);
});
