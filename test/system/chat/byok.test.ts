import { randomBytes, randomUUID } from 'node:crypto';
import { ask } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { run } from '@gateway/db/test-database';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import type { Delivered } from '@gateway/local/simulator';
import { tokenFor } from '@gateway/local/stack/tokens';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { bodyOf, commonHeaders, hash, headersOf } from '../../support/upstream.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ SNAPSHOT_SECONDS: '0' });
});
afterAll(() => world.stop());

type Person = Awaited<ReturnType<World['newcomer']>>;
type Asked = Parameters<World['ask']>[0];

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello!' },
];
const aws = { accessKeyId: 'AKIA-own', secretAccessKey: 'aws-secret', region: 'eu-west-1' };
const keys: Readonly<Record<string, string>> = {
  anthropic: 'sk-own-anthropic',
  bedrock: JSON.stringify(aws),
  codestral: 'sk-own-codestral',
  google: 'sk-own-google',
  minimax: 'sk-own-minimax',
  mistral: 'sk-own-mistral',
  openai: 'sk-own-openai',
  xai: 'sk-own-xai',
  zai: 'sk-own-zai',
};
const sealed = (plain: string) => sealedKey(plain, BYOK_ENCRYPTION_KEY);
const keyOf = (provider: string) => sealed(keys[provider] ?? '');

type Row = {
  readonly provider_id: string;
  readonly encrypted_api_key: unknown;
  readonly is_enabled?: boolean;
};
type Owner = { readonly kilo_user_id: string } | { readonly organization_id: string };

/** In this order, as if one had been brought a minute after the other. */
const bring = (owner: Owner, rows: readonly Row[]) =>
  plant(world.databaseUrl, {
    byok_api_keys: rows.map((row, minute) => ({
      ...owner,
      ...row,
      created_by: 'somebody',
      created_at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
    })),
  });

/** Without credit: whatever answers them is paid elsewhere. */
async function ownerOf(...rows: readonly Row[]): Promise<Person> {
  const person = await world.newcomer(0);
  await bring({ kilo_user_id: person.id }, rows);
  return person;
}
const row = (provider_id: string): Row => ({ provider_id, encrypted_api_key: keyOf(provider_id) });

async function member(settings: object, plan: string, rows: readonly Row[], role = 'member') {
  const person = await world.newcomer(0);
  const organization_id = randomUUID();
  await plant(world.databaseUrl, {
    organizations: [{ id: organization_id, name: 'An organisation', plan, settings }],
    organization_memberships: [{ organization_id, kilo_user_id: person.id, role }],
  });
  await bring({ organization_id }, rows);
  const token = await tokenFor(
    { user: person.id, pepper: person.pepper, organization: organization_id },
    TOKEN_SECRET,
  );
  return { ...person, token, personalToken: person.token };
}

async function sentFor(asked: Asked): Promise<Delivered> {
  const before = world.simulator.log().length;
  const response = await world.ask(asked);
  const text = await response.text();
  const entry = world.simulator.log().at(-1);
  if (!entry || world.simulator.log().length !== before + 1) {
    throw new Error(`Nothing was sent: ${response.status} ${text}`);
  }
  return entry;
}
async function gatewayOptionsFor(asked: Asked): Promise<unknown> {
  const sent = await sentFor(asked);
  expect(sent.path).toBe('/vercel/v1/chat/completions');
  return z.object({ providerOptions: z.object({ gateway: z.unknown() }) }).parse(bodyOf(sent))
    .providerOptions.gateway;
}
async function refusalOf(asked: Asked) {
  const before = world.simulator.log().length;
  const response = await world.ask(asked);
  const body: unknown = await response.json();
  expect(world.simulator.log()).toHaveLength(before);
  return { status: response.status, body };
}
const notAllowed = {
  status: 404,
  body: {
    error: 'Model not allowed for your team.',
    message: 'The requested model is not allowed for your team.',
  },
};
const invalidKeyText =
  '[BYOK] Your API key is invalid or has been revoked. Please check your API key configuration.';
const invalidKey = { status: 401, body: { error: invalidKeyText, message: invalidKeyText } };

describe('what Vercel is sent with an own key', () => {
  const single = (name: string) => ({ only: [name], byok: { [name]: [{ apiKey: keys[name] }] } });
  const ephemeral = { type: 'ephemeral' };
  const cached = messages.map(({ role, content }) => ({
    role,
    content: [{ type: 'text', text: content, cache_control: ephemeral }],
  }));

  type Golden = {
    readonly key: string;
    readonly gateway: object;
    readonly body: object;
    readonly headers?: Readonly<Record<string, unknown>>;
  };
  const golden: Readonly<Record<string, Golden>> = {
    'OpenAI/GPT-5.2': {
      key: 'openai',
      gateway: single('openai'),
      body: { model: 'openai/gpt-5.2', tool_choice: 'required' },
    },
    'anthropic/claude-sonnet-4.6': {
      key: 'anthropic',
      gateway: single('anthropic'),
      body: { model: 'anthropic/claude-sonnet-4.6', messages: cached },
      headers: {
        'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07',
      },
    },
    'anthropic/claude-opus-4.6': {
      key: 'bedrock',
      gateway: { only: ['bedrock'], byok: { bedrock: [aws] } },
      body: { model: 'anthropic/claude-opus-4.6', messages: cached },
      headers: {
        'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07',
      },
    },
    'google/gemini-3.1-pro-preview': {
      key: 'google',
      gateway: single('google'),
      body: { model: 'google/gemini-3.1-pro-preview', tool_choice: 'required' },
    },
    'minimax/minimax-m2.5:free': {
      key: 'minimax',
      gateway: single('minimax'),
      body: { model: 'minimax/minimax-m2.5' },
    },
    'mistralai/devstral-2512': {
      key: 'mistral',
      gateway: single('mistral'),
      body: { model: 'mistral/devstral-2', tool_choice: 'required' },
    },
    'mistralai/codestral-2508': {
      key: 'codestral',
      gateway: { only: ['mistral'], byok: { mistral: [{ apiKey: keys['codestral'] }] } },
      body: { model: 'mistral/codestral', tool_choice: 'required' },
    },
    'x-ai/grok-code-fast-1': {
      key: 'xai',
      gateway: single('xai'),
      body: { model: 'xai/grok-code-fast-1', tool_choice: 'required' },
      headers: {
        'x-grok-conv-id': expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        'x-grok-req-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    },
    'z-ai/glm-5': {
      key: 'zai',
      gateway: {
        only: ['zai'],
        byok: {
          zai: [
            { apiKey: keys['zai'], baseURL: 'https://api.z.ai/api/coding/paas/v4' },
            { apiKey: keys['zai'] },
          ],
        },
      },
      body: { model: 'zai/glm-5' },
    },
  };
  const tool = { type: 'function', function: { name: 'attempt_completion', parameters: {} } };

  test.each(Object.entries(golden))('%s', async (model, { key, gateway, body, headers }) => {
    const person = await ownerOf(row(key));
    const asked = {
      model,
      messages,
      tools: [tool],
      temperature: 0.7,
      verbosity: 'high',
      brand_new: [1],
    };
    const sent = await sentFor({
      token: person.token,
      headers: { 'x-kilocode-taskid': 'task-abc' },
      body: {
        ...asked,
        provider: { only: ['azure'], order: ['azure'], data_collection: 'allow' },
        providerOptions: { gateway: { byok: { openai: [{ apiKey: 'of the client' }] } } },
      },
    });
    expect(`${sent.method} ${sent.path}`).toBe('POST /vercel/v1/chat/completions');
    // The house's key opens the gateway; the own key is for the provider behind it.
    expect(headersOf(sent)).toEqual({ ...commonHeaders('simulator'), ...headers });
    expect(bodyOf(sent)).toEqual({
      ...asked,
      stream_options: { include_usage: true },
      user: hash('vercel', person.id),
      safety_identifier: hash('vercel', person.id),
      prompt_cache_key: hash('vercel', `${person.id}task-abc`),
      providerOptions: { gateway, anthropic: { effort: 'high' } },
      ...body,
    });
  });
});

describe('which keys are used', () => {
  const sonnet = { model: 'anthropic/claude-sonnet-4.6', messages };
  const gpt = { model: 'openai/gpt-5.2', messages };

  test('all that fit, the oldest first', async () => {
    const { token } = await ownerOf(row('openai'), row('bedrock'), row('anthropic'));
    expect(await gatewayOptionsFor({ token, body: sonnet })).toEqual({
      only: ['bedrock', 'anthropic'],
      byok: { bedrock: [aws], anthropic: [{ apiKey: keys['anthropic'] }] },
    });
  });

  test.each([
    ['none fits', [row('anthropic')]],
    ['it is disabled', [{ ...row('openai'), is_enabled: false }]],
    ['nobody knows its provider', [{ ...row('openai'), provider_id: 'azure' }]],
  ])('where %s, the house serves and charges', async (_name, rows) => {
    const poor = await ownerOf(...rows);
    expect(await refusalOf({ token: poor.token, body: gpt })).toMatchObject({ status: 402 });
    const rich = await world.newcomer(10);
    await bring({ kilo_user_id: rich.id }, rows);
    const sent = await sentFor({ token: rich.token, body: gpt });
    expect(sent.path).toBe('/api/v1/chat/completions');
    const [settled] = await rich.rows(1);
    expect(settled).toMatchObject({ is_user_byok: false, provider: 'openrouter' });
    expect(settled?.cost).toBeGreaterThan(0);
  });

  test("of an organisation, its own and never its member's", async () => {
    const person = await member({}, 'teams', [row('openai')]);
    await bring({ kilo_user_id: person.id }, [
      { provider_id: 'openai', encrypted_api_key: sealed('sk-personal') },
      row('anthropic'),
    ]);
    expect(await gatewayOptionsFor({ token: person.token, body: gpt })).toEqual({
      only: ['openai'],
      byok: { openai: [{ apiKey: keys['openai'] }] },
    });
    // The organisation has no key for this one, and no credit.
    expect(await refusalOf({ token: person.token, body: sonnet })).toMatchObject({ status: 402 });
    expect(await gatewayOptionsFor({ token: person.personalToken, body: gpt })).toEqual({
      only: ['openai'],
      byok: { openai: [{ apiKey: 'sk-personal' }] },
    });
  });

  test('a key that nobody can read does not take the others with it, and is reported', async () => {
    const otherKey = sealedKey('sk-lost', randomBytes(32).toString('base64'));
    const { id, token } = await ownerOf(
      { provider_id: 'anthropic', encrypted_api_key: otherKey },
      row('bedrock'),
    );
    expect(await gatewayOptionsFor({ token, body: sonnet })).toEqual({
      only: ['bedrock'],
      byok: { bedrock: [aws] },
    });
    const [bad] = await ask(
      world.databaseUrl,
      {
        text: `select id from byok_api_keys where kilo_user_id = $1 and provider_id = 'anthropic'`,
        values: [id],
      },
      z.object({ id: z.string() }),
    );
    const line = world.workerLines.find((text) => text.includes(bad?.id ?? 'missing'));
    expect(line).toContain('"message":"own key unusable"');
    expect(line).toContain('"provider":"anthropic","why":"unreadable"');
  });

  test.each<[string, Row]>([
    ['can not be opened', { provider_id: 'openai', encrypted_api_key: { iv: '', data: '' } }],
    ['is no text of JSON', { provider_id: 'openai', encrypted_api_key: 'sk-plain' }],
    [
      'was sealed under another key',
      {
        provider_id: 'openai',
        encrypted_api_key: sealedKey('sk', randomBytes(32).toString('base64')),
      },
    ],
  ])('where the only one %s, the house does not step in', async (_name, bad) => {
    const rich = await world.newcomer(10);
    await bring({ kilo_user_id: rich.id }, [bad]);
    expect(await refusalOf({ token: rich.token, body: gpt })).toEqual(invalidKey);
    expect(await rich.used()).toBe(0);
  });

  test('a key of Bedrock that is no JSON is none', async () => {
    const bad = { provider_id: 'bedrock', encrypted_api_key: sealed('AKIA') };
    const { token } = await ownerOf(bad);
    expect(await refusalOf({ token, body: sonnet })).toEqual(invalidKey);
  });

  test('a key that was disabled or taken away is not used any more', async () => {
    const { id, token } = await ownerOf(row('openai'));
    await gatewayOptionsFor({ token, body: gpt });
    await run(world.databaseUrl, `delete from byok_api_keys where kilo_user_id = '${id}'`);
    expect(await refusalOf({ token, body: gpt })).toMatchObject({ status: 402 });
  });
});

describe('an organisation', () => {
  const sonnet = { model: 'anthropic/claude-sonnet-4.6', messages };
  const both = [row('anthropic'), row('bedrock')];

  test('that allows certain providers has its own keys held to them', async () => {
    const settings = { provider_allow_list: ['amazon-bedrock', 'openai'] };
    const { token } = await member(settings, 'enterprise', both);
    expect(await gatewayOptionsFor({ token, body: sonnet })).toEqual({
      only: ['bedrock'],
      byok: { bedrock: [aws] },
    });
  });

  test('Acme, which allows OpenAI and not Bedrock, lends erin one of its keys, and frank none', async () => {
    const acme = { organization_id: '11111111-1111-4111-8111-111111111111' };
    await bring(acme, [row('openai'), row('bedrock')]);
    const { erin = '', frank = '' } = world.tokens;
    const gpt = { model: 'openai/gpt-5.2', messages };
    expect(await gatewayOptionsFor({ token: erin, body: gpt })).toMatchObject({ only: ['openai'] });
    expect(await refusalOf({ token: erin, body: sonnet })).toEqual(notAllowed);
    expect(await refusalOf({ token: frank, body: gpt })).toMatchObject({ status: 401 });
  });

  test('that allows none of its keys is told that the model is not allowed', async () => {
    const settings = { provider_allow_list: ['google-vertex'] };
    const { token } = await member(settings, 'enterprise', both);
    expect(await refusalOf({ token, body: sonnet })).toEqual(notAllowed);
  });

  test('that does not allow the model does not get it with a key either', async () => {
    const settings = { model_allow_list: ['openai/*'] };
    const { token } = await member(settings, 'enterprise', both);
    expect(await refusalOf({ token, body: sonnet })).toEqual(notAllowed);
  });

  test('of teams has lists that do not count', async () => {
    const settings = { provider_allow_list: ['google-vertex'], model_allow_list: ['openai/*'] };
    const { token } = await member(settings, 'teams', both);
    expect(await gatewayOptionsFor({ token, body: sonnet })).toMatchObject({
      only: ['anthropic', 'bedrock'],
    });
  });

  test('that denies data collection uses its own accounts, under its own contracts', async () => {
    const { token } = await member({ data_collection: 'deny' }, 'teams', both);
    expect(await gatewayOptionsFor({ token, body: sonnet })).toMatchObject({
      only: ['anthropic', 'bedrock'],
    });
  });

  test('that denies data collection is not served what is paid for with it', async () => {
    const { token } = await member({ data_collection: 'deny' }, 'teams', [row('minimax')]);
    const body = { model: 'minimax/minimax-m2.5:free', messages };
    expect(await refusalOf({ token, body })).toMatchObject({ status: 400 });
  });
});

describe('of two faults, a client hears of the first', () => {
  const bad: Row = { provider_id: 'anthropic', encrypted_api_key: 'sk-plain' };
  const sonnet = { model: 'anthropic/claude-sonnet-4.6', messages };

  test('tokens, then a key that nobody can read', async () => {
    const { token } = await ownerOf(bad);
    const body = { ...sonnet, max_tokens: 100_000_000_000 };
    expect(await refusalOf({ token, body })).toMatchObject({ status: 503 });
  });

  test('a model that is not allowed, then a key that nobody can read', async () => {
    const { token } = await member({ model_allow_list: ['openai/*'] }, 'enterprise', [bad]);
    expect(await refusalOf({ token, body: sonnet })).toEqual(notAllowed);
  });

  test('a provider that is not allowed, then a key that nobody can read', async () => {
    const { token } = await member({ provider_allow_list: ['openai'] }, 'enterprise', [bad]);
    expect(await refusalOf({ token, body: sonnet })).toEqual(notAllowed);
  });

  test('a key that nobody can read, and no credit: credit would not help', async () => {
    const { token } = await ownerOf(bad);
    expect(await refusalOf({ token, body: sonnet })).toEqual(invalidKey);
  });

  test('who may not spend for an organisation has no use of its keys either', async () => {
    const { token } = await member({}, 'teams', [row('anthropic')], 'billing_manager');
    expect(await refusalOf({ token, body: sonnet })).toMatchObject({
      status: 401,
      body: { error: { code: 'PAID_MODEL_AUTH_REQUIRED' } },
    });
  });
});

describe('what an own key costs', () => {
  test('nothing here, and the row says what it was worth', async () => {
    const person = await ownerOf(row('openai'));
    const body = { model: 'openai/gpt-5.2', messages, stream: true };
    const response = await world.ask({ token: person.token, body });
    expect(response.headers.get('x-gateway-provider')).toBe('vercel');
    await response.text();
    const worth = Math.round((world.simulator.log().at(-1)?.cost ?? 0) * 1_000_000);
    expect(worth).toBeGreaterThan(0);
    expect(await person.rows(1)).toMatchObject([
      {
        cost: 0,
        market_cost: worth,
        provider: 'vercel',
        requested_model: 'openai/gpt-5.2',
        is_user_byok: true,
        has_error: false,
      },
    ]);
    expect(await person.used()).toBe(0);
  });

  test("grace's key serves OpenAI's models and no others", async () => {
    const token = world.tokens['grace'] ?? '';
    const body = (model: string) => ({ model, messages });
    expect(await gatewayOptionsFor({ token, body: body('kilo/auto-small') })).toEqual({
      only: ['openai'],
      byok: { openai: [{ apiKey: 'sk-demo-key-of-grace' }] },
    });
    const other = await refusalOf({ token, body: body('anthropic/claude-sonnet-4.6') });
    expect(other).toMatchObject({ status: 402 });
  });
});

test('metrics tell own keys apart', async () => {
  const { token } = await ownerOf(row('xai'));
  await sentFor({ token, body: { model: 'x-ai/grok-code-fast-1', messages } });
  const counted = async () => {
    const response = await fetch(`${world.o11yUrl}/metrics`, {
      headers: { authorization: `Bearer ${world.adminTokens.o11y}` },
    });
    return response.text();
  };
  const labels = 'provider="vercel",model="x-ai/grok-code-fast-1",client="kilo-gateway"';
  await eventually(
    async () => (await counted()).includes(`{${labels},status="2xx",user_byok="true"}`),
    'a metric',
  );
});

test('no own key is ever written to a log or a row', async () => {
  const secret = `sk-canary-${randomUUID()}`;
  const bad = `sk-canary-${randomUUID()}`;
  const person = await ownerOf(
    { provider_id: 'anthropic', encrypted_api_key: sealed(secret) },
    { provider_id: 'bedrock', encrypted_api_key: sealed(bad) },
  );
  const asked = { token: person.token, body: { model: 'anthropic/claude-sonnet-4.6', messages } };
  const sent = await sentFor(asked);
  expect(sent.rawBody).toContain(secret);
  const [settled] = await person.rows(1);
  for (const canary of [secret, bad]) {
    expect(JSON.stringify(settled)).not.toContain(canary);
    expect(world.workerLines.join('\n')).not.toContain(canary);
  }
});

test.each([
  [false, 400],
  [true, 422],
])(
  'a key that the provider repeats in its error is told to nobody (streamed: %s, %i)',
  async (stream, code) => {
    const secret = `sk-own-${randomUUID()}`;
    const person = await world.newcomer(0);
    await bring({ kilo_user_id: person.id }, [
      { provider_id: 'openai', encrypted_api_key: sealed(secret) },
    ]);
    const tag = randomUUID();
    const lines = world.workerLines.length;
    world.simulator.stand({
      scenario: `status~code=${code}~body=echo`,
      requests: 1,
      base: 'vercel',
    });
    const response = await world.ask({
      token: person.token,
      body: { model: 'openai/gpt-5.2', stream, messages: [{ role: 'user', content: tag }] },
    });
    const text = await response.text();
    expect(JSON.stringify(world.simulator.log().at(-1))).toContain(secret);
    expect(text).toContain(tag);
    expect(text).toContain('[redacted]');
    expect(text).not.toContain(secret);
    expect(world.workerLines.slice(lines).join('\n')).not.toContain(secret);
  },
);
