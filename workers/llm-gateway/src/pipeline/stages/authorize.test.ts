import { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd, zeroMicroUsd } from '@gateway/worker-utils/money';
import { ok } from '@gateway/worker-utils/result';
import { Instant } from '@gateway/worker-utils/time';
import { untraced } from '@gateway/worker-utils/trace';
import { expect, test } from 'vitest';
import type { OrganizationContext, Snapshot } from '../../exchange/caller.ts';
import type { Parsed } from '../../exchange/exchange.ts';
import type { ByokProvider } from '../../exchange/byok-key.ts';
import { pipeline } from '../stage.ts';
import { ClientAddress } from '../../request/client-address.ts';
import { clientHintsOf } from '../../request/client-hints.ts';
import { freeInCatalogue, noSuspensions } from '../../testing/listed-prices.ts';
import { authorize } from './authorize.ts';
import { resolveModel } from './resolve-model.ts';
import { matchByok } from './match-byok.ts';
import { choosePayer } from './choose-payer.ts';
import { identify } from './identify.ts';
import { throttle } from './throttle.ts';

const user = UserId.parse('user-1');
/** At OpenRouter. */
const FREE = 'vendor/model:free';
const id = OrganizationId.parse('11111111-1111-4111-8111-111111111111');
const usd = (amount: number): MicroUsd => MicroUsd.parse(amount * 1_000_000);

type Case = {
  /** USD. */
  readonly balance?: number;
  readonly organization?: Partial<OrganizationContext>;
  readonly isAnonymous?: boolean;
  readonly botId?: string;
  readonly ownKeys?: readonly ByokProvider[];
  readonly now?: string;
};

const organizationWith = (balance: number, own: Partial<OrganizationContext>) => ({
  id,
  role: 'member' as const,
  used: zeroMicroUsd,
  acquired: usd(balance),
  hasSeats: true,
  wantsTopUp: false,
  dailyLimit: null,
  usedToday: zeroMicroUsd,
  plan: 'enterprise',
  settings: { modelAllowList: [], providerAllowList: [], dataCollection: null },
  ...own,
});

/** A request that has come as far as policy, through the stages before it. */
async function admitted(chat: Parsed['chat'], situation: Case = {}) {
  const {
    balance = 10,
    organization,
    botId,
    ownKeys = [],
    now = '2026-06-01T00:00:00Z',
  } = situation;
  const snapshot: Snapshot = {
    user: {
      id: user,
      email: 'user@example.com',
      tokenPepper: null,
      isBlocked: false,
      used: zeroMicroUsd,
      acquired: usd(balance),
      wantsTopUp: false,
    },
    organization: organization ? organizationWith(balance, organization) : null,
    ownKeys: ownKeys.map((provider) => ({ id: provider, provider, sealed: null })),
    readAt: Instant.parse(Date.parse(now)),
    customLlms: [],
  };
  const exchange: Parsed = {
    chat,
    arrival: {
      id: ExchangeId.parse('0a11ce00-0000-4000-8000-000000000001'),
      at: Instant.parse(Date.parse(now)),
      bodyBytes: 2,
      bearer: situation.isAnonymous ? null : 'token',
      address: ClientAddress.parse('203.0.113.7'),
      geo: { city: null, country: null, latitude: null, longitude: null, ja4: null },
      hints: clientHintsOf(
        new Headers(organization && { 'x-kilocode-organizationid': id }),
        'openrouter',
      ),
      clientSignal: new AbortController().signal,
    },
  };
  const free = { isFull: false, retryAfterSeconds: 0, isPromotionOver: false };
  const policy = pipeline(resolveModel)
    .to(throttle)
    .to(identify)
    .to(matchByok)
    .to(choosePayer)
    .to(authorize);
  const done = await policy.run(exchange, {
    trace: untraced(null),
    listedPrices: freeInCatalogue(FREE),
    suspensions: noSuspensions,
    freeUse: { look: async () => free },
    tokens: {
      verify: async () => ({ kiloUserId: user, version: 3, ...(botId && { botId }) }),
    },
    snapshots: { of: async () => ok(snapshot) },
    anonymizer: { idOf: async () => AnonymousId.parse('anon:1') },
    isBlacklisted: () => false,
    modelHosts: { of: async () => ok(['anthropic', 'bedrock']) },
  });
  if (done.ok) return done.value.grant;
  const { error } = done;
  return error.kind === 'field-refused' ? `${error.why}: ${error.field}` : error.kind;
}

const paid = { model: 'anthropic/claude-sonnet-4.6' };
const hosted = { model: 'minimax/minimax-m2.5:free' };
const tooMany = { max_tokens: 100_000_000_000 };
const deny = { provider: { data_collection: 'deny' } };
const only = (models: readonly string[], providers: readonly string[] = []) => ({
  settings: { modelAllowList: models, providerAllowList: providers, dataCollection: null },
});

test.each<[string, Parsed['chat'], Case, string]>([
  ['tokens', { ...paid, ...tooMany }, {}, 'token-cap-exceeded'],
  [
    'tokens before a retired model',
    { model: 'z-ai/glm-5:free', ...tooMany },
    {},
    'token-cap-exceeded',
  ],
  ['a retired model', { model: 'z-ai/glm-5:free' }, { balance: 0 }, 'alpha-ended'],
  [
    'a retired model of an anonymous',
    { model: 'z-ai/glm-5:free' },
    { isAnonymous: true },
    'alpha-ended',
  ],
  ['a withdrawn model', { model: 'QWEN/qwen3-coder:free' }, {}, 'model-withdrawn'],
  ['no credit', paid, { balance: 0 }, 'credits-required'],
  [
    'no credit before a model that is not allowed',
    paid,
    { balance: 0, organization: only(['openai/*']) },
    'credits-required',
  ],
  ['a model that is not allowed', paid, { organization: only(['openai/*']) }, 'model-not-allowed'],
  [
    'that, before data collection',
    { ...hosted, ...deny },
    { organization: only(['openai/*']) },
    'model-not-allowed',
  ],
  [
    'providers that are not allowed',
    { model: 'corethink:free' },
    { organization: only([], ['anthropic']) },
    'model-not-allowed',
  ],
  ['data collection', { ...hosted, ...deny }, {}, 'data-collection-required'],
  ['no retention', { ...hosted, provider: { zdr: true } }, {}, 'data-collection-required'],
  [
    'data collection of an anonymous',
    { ...hosted, ...deny },
    { isAnonymous: true },
    'data-collection-required',
  ],
  [
    'data collection that the organisation denies',
    { ...hosted, provider: { data_collection: 'allow' } },
    {
      organization: {
        plan: 'teams',
        settings: { modelAllowList: [], providerAllowList: [], dataCollection: 'deny' },
      },
    },
    'data-collection-required',
  ],
  [
    'no credit, with a key of another provider',
    paid,
    { balance: 0, ownKeys: ['openai'] },
    'credits-required',
  ],
  [
    'own keys of providers that are not allowed',
    paid,
    { balance: 0, organization: only([], ['openai']), ownKeys: ['anthropic', 'bedrock'] },
    'model-not-allowed',
  ],
  [
    'a model that is not allowed, with a key for it',
    paid,
    { organization: only(['openai/*']), ownKeys: ['anthropic'] },
    'model-not-allowed',
  ],
  ['a promotion that is over', paid, { balance: 0, botId: 'reviewer' }, 'credits-required'],
])('refused: %s', async (_name, chat, situation, expected) => {
  expect(await admitted(chat, situation)).toBe(expected);
});

const free = { model: FREE };
const web = { plugins: [{ id: 'web' }] };
const fusion = (settings: object) => ({
  tools: [{ type: 'openrouter:fusion', parameters: settings }],
});
const members = { organization: only(['anthropic/*', 'openai/gpt-5.2']) };
const reviewer = { botId: 'reviewer', now: '2026-02-20T00:00:00Z' };
const denying = {
  organization: {
    plan: 'teams',
    settings: { modelAllowList: [], providerAllowList: [], dataCollection: 'deny' as const },
  },
};

test.each<[Parsed['chat'], Case, string]>([
  [{ ...free, ...web }, { isAnonymous: true }, 'unpaid: plugins[0]'],
  [{ ...free, ...web }, {}, 'unpaid: plugins[0]'],
  [{ ...hosted, ...web }, {}, 'unpaid: plugins[0]'],
  [{ ...paid, ...web }, reviewer, 'unpaid: plugins[0]'],
  [{ ...hosted, web_search_options: {} }, { isAnonymous: true }, 'unpaid: web_search_options'],
  [{ ...hosted, preset: 'x' }, {}, 'unpaid: preset'],
  [{ ...hosted, service_tier: 'priority' }, {}, 'unpaid: service_tier'],
  [{ ...hosted, tools: [{ type: 'openrouter:datetime' }] }, {}, 'unpaid: tools[0]'],
  [{ ...hosted, provider: { order: ['fireworks'] } }, {}, 'unpaid: provider.order'],
  [{ ...hosted, provider: { only: ['fireworks'] } }, {}, 'unpaid: provider.only'],
  [{ ...hosted, provider: { sort: 'throughput' } }, {}, 'unpaid: provider.sort'],
  [{ ...paid, provider: { ignore: ['anthropic'] } }, reviewer, 'unpaid: provider.ignore'],
  [{ ...hosted, n: 8 }, {}, 'unpaid: n'],
  [{ ...free, models: [paid.model] }, { isAnonymous: true }, 'fallback: models[0]'],
  [{ ...hosted, models: ['openai/gpt-5.2'] }, {}, 'fallback: models[0]'],
  [{ ...paid, models: ['openai/gpt-5.2', hosted.model] }, {}, 'fallback: models[1]'],
  [{ ...paid, models: ['qwen/qwen3-coder:free'] }, {}, 'fallback: models[0]'],
  [{ ...paid, models: ['openai/gpt-5.2', 'google/gemini'] }, members, 'fallback: models[1]'],
  [{ ...paid, models: ['openai/gpt-5.2'] }, { ownKeys: ['anthropic'] }, 'fallback: models[0]'],
  [{ ...paid, models: ['openai/gpt-5.2'] }, reviewer, 'fallback: models[0]'],
  [{ ...paid, models: 'openai/gpt-5.2' }, {}, 'fallback: models'],
  [{ ...paid, models: ['openai/gpt-5.2', 3] }, {}, 'fallback: models[1]'],
  [{ ...paid, ...fusion({}) }, members, 'organization: tools[0]'],
  [
    { ...paid, ...fusion({ analysis_models: ['google/gemini'], model: paid.model }) },
    members,
    'organization: tools[0]',
  ],
  [{ ...paid, ...fusion({ analysis_models: [paid.model] }) }, members, 'organization: tools[0]'],
  [
    { ...paid, plugins: [{ id: 'auto-router', allowed_models: ['openai/*'] }] },
    members,
    'organization: plugins[0]',
  ],
  [{ model: 'anthropic/claude-opus-4.6@preset/x' }, members, 'organization: model'],
  [{ ...paid, preset: 'x' }, { ...members, ownKeys: ['anthropic'] }, 'organization: preset'],
  [{ ...paid, ...web }, { organization: only([], ['anthropic']) }, 'organization: plugins[0]'],
  [{ ...paid, ...web }, denying, 'organization: plugins[0]'],
])('refuses a field of %j in %j', async (chat, situation, expected) => {
  expect(await admitted(chat, situation)).toBe(expected);
});

test('refuses a request whose fallback has a price to a caller without credit', async () => {
  const chat = { ...free, models: [paid.model] };
  expect(await admitted(chat, { balance: 0 })).toBe('credits-required');
});

const all = { listed: null };
test.each<[Parsed['chat'], Case, object]>([
  [{ ...paid, ...web, preset: 'x', service_tier: 'priority', n: 8 }, {}, all],
  [{ ...paid, ...web }, { ownKeys: ['anthropic'] }, all],
  [{ ...free, models: [paid.model] }, {}, all],
  [
    { ...free, models: [FREE, ` ${FREE.toUpperCase()}`] },
    {},
    { listed: { parser: 'cloudflare-ai' } },
  ],
  [{ ...free, provider: { order: ['fireworks'] } }, {}, { listed: { parser: 'cloudflare-ai' } }],
  [
    { ...hosted, provider: { sort: 'price', order: [] }, n: 1 },
    { isAnonymous: true },
    { listed: { parser: 'cloudflare-ai' } },
  ],
  [{ ...paid, models: ['anthropic/claude-opus-4.6:nitro'] }, members, { listed: { parser: null } }],
  [{ ...paid, ...web }, members, { listed: { parser: null } }],
  [
    { ...paid, ...fusion({ analysis_models: ['openai/gpt-5.2'], model: paid.model }) },
    members,
    { listed: { parser: null } },
  ],
  [
    { ...paid, plugins: [{ id: 'auto-router', allowed_models: ['anthropic/*'] }] },
    members,
    { listed: { parser: null } },
  ],
  [
    { ...paid, plugins: [{ id: 'web', engine: 'exa' }] },
    { organization: only([], ['anthropic', 'exa']) },
    { listed: { parser: 'native' } },
  ],
])('admits %j in %j', async (chat, situation, expected) => {
  expect(await admitted(chat, situation)).toMatchObject(expected);
});

const terms = { preferences: null, promotion: null };
test.each<[string, Parsed['chat'], Case, object]>([
  ['with credit', paid, {}, terms],
  ['without credit, what is free', hosted, { balance: 0 }, terms],
  ['without credit, with an own key', paid, { balance: 0, ownKeys: ['anthropic'] }, terms],
  [
    'without credit, with an own key that the organisation allows',
    paid,
    { balance: 0, organization: only([], ['amazon-bedrock']), ownKeys: ['anthropic', 'bedrock'] },
    { ...terms, preferences: { only: ['amazon-bedrock'] } },
  ],
  ['without an account, what is free', hosted, { isAnonymous: true }, terms],
  [
    'without credit, what a promotion pays',
    paid,
    { balance: 0, botId: 'reviewer', now: '2026-02-20T00:00:00Z' },
    { ...terms, promotion: 'code-review' },
  ],
  [
    'where teams have lists',
    paid,
    { organization: { plan: 'teams', ...only(['openai/*'], ['openai']) } },
    terms,
  ],
  [
    'where the organisation names providers',
    paid,
    { organization: only(['anthropic/*'], ['anthropic']) },
    { ...terms, preferences: { only: ['anthropic'] } },
  ],
])('admitted: %s', async (_name, chat, situation, expected) => {
  expect(await admitted(chat, situation)).toMatchObject(expected);
});
