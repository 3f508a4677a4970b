import { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { microUsdOf, zeroMicroUsd } from '@gateway/worker-utils/money';
import { ok } from '@gateway/worker-utils/result';
import { Instant } from '@gateway/worker-utils/time';
import { untraced } from '@gateway/worker-utils/trace';
import { expect, test } from 'vitest';
import { cachedSnapshots, emptySnapshotCache } from '../platform/snapshots-cache.ts';
import type { OrganizationContext, Snapshot } from '../exchange/caller.ts';
import type { Parsed } from '../exchange/exchange.ts';
import { keyChainOf } from '../upstream/byok/key-chain.ts';
import { unknownHealth } from '../policy/vercel-routing.ts';
import { ClientAddress } from '../request/client-address.ts';
import { clientHintsOf } from '../request/client-hints.ts';
import { authorize } from './stages/authorize.ts';
import { resolveModel } from './stages/resolve-model.ts';
import { matchByok } from './stages/match-byok.ts';
import { choosePayer } from './stages/choose-payer.ts';
import { identify } from './stages/identify.ts';
import { route } from './stages/route.ts';
import { throttle } from './stages/throttle.ts';
import { rechecked } from './rechecked.ts';
import { freeInCatalogue, noSuspensions } from '../testing/listed-prices.ts';
import { pipeline } from './stage.ts';

const user = UserId.parse('erin');
const acme = OrganizationId.parse('11111111-1111-4111-8111-111111111111');
const PAID = 'anthropic/claude-sonnet-4.6';
const HOSTED = 'minimax/minimax-m2.5:free';
const SEALED = {
  iv: 'AAECAwQFBgcICQoL',
  data: 'a+rEBHh6rWRGgNao125bwtgM',
  authTag: 'vJQsx0h2gpD+V9T2y2tPLw==',
};

type Facts = Pick<Snapshot, 'ownKeys'> & Pick<OrganizationContext, 'settings'>;
const nothingSet: Facts = {
  ownKeys: [],
  settings: { modelAllowList: [], providerAllowList: [], dataCollection: null },
};
const allowing = (modelAllowList: readonly string[]): Facts => ({
  ...nothingSet,
  settings: { ...nothingSet.settings, modelAllowList },
});
const keyed = (sealed: unknown): Facts => ({
  ...nothingSet,
  ownKeys: [{ id: 'key', provider: 'anthropic', sealed }],
});

const decision = pipeline(identify).to(matchByok).to(choosePayer).to(authorize).to(route);
const until = pipeline(resolveModel).to(throttle).through(rechecked(decision));

/** A member of an organisation that is well off. What the database says can be changed, and it counts its questions. */
function world(facts: Facts) {
  const database = { facts, asked: 0 };
  let now = 1_800_000_000_000;
  const clock = { now: () => Instant.parse(now) };
  const organization = (): OrganizationContext => ({
    id: acme,
    role: 'member',
    used: zeroMicroUsd,
    acquired: microUsdOf(100),
    hasSeats: true,
    wantsTopUp: false,
    dailyLimit: null,
    usedToday: zeroMicroUsd,
    plan: 'enterprise',
    settings: database.facts.settings,
  });
  const snapshot = (): Snapshot => ({
    user: {
      id: user,
      email: 'erin@example.com',
      tokenPepper: null,
      isBlocked: false,
      used: zeroMicroUsd,
      acquired: zeroMicroUsd,
      wantsTopUp: false,
    },
    organization: organization(),
    ownKeys: database.facts.ownKeys,
    readAt: clock.now(),
    customLlms: [],
  });
  const needs = {
    trace: untraced(null),
    listedPrices: freeInCatalogue(),
    suspensions: noSuspensions,
    freeUse: {
      look: async () => ({ isFull: false, retryAfterSeconds: 0, isPromotionOver: false }),
    },
    tokens: { verify: async () => ({ kiloUserId: user, version: 3 as const }) },
    snapshots: cachedSnapshots({
      source: {
        of() {
          database.asked += 1;
          return Promise.resolve(ok(snapshot()));
        },
      },
      cache: emptySnapshotCache(),
      pause: () => Promise.resolve(),
      clock,
      freshMs: 5_000,
      staleMs: 600_000,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    }),
    anonymizer: { idOf: async () => AnonymousId.parse('anon:1') },
    isBlacklisted: () => false,
    modelHosts: { of: async () => ok(['anthropic']) },
    keyChain: keyChainOf({
      encryptionKeys: {
        current: async () => 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=',
        previous: async () => null,
      },
      reportOld: () => undefined,
      reportUnusable: () => undefined,
    }),
    vercel: { isConfigured: async () => false, health: async () => unknownHealth },
  };
  async function decide(model: string) {
    const exchange: Parsed = {
      chat: { model },
      arrival: {
        id: ExchangeId.parse('0a11ce00-0000-4000-8000-000000000001'),
        at: clock.now(),
        bodyBytes: 2,
        bearer: 'token',
        address: ClientAddress.parse('203.0.113.7'),
        geo: { city: null, country: null, latitude: null, longitude: null, ja4: null },
        hints: clientHintsOf(new Headers({ 'x-kilocode-organizationid': acme }), 'openrouter'),
        clientSignal: new AbortController().signal,
      },
    };
    const done = await until.run(exchange, needs);
    return done.ok ? done.value.plan[0].kind : done.error.kind;
  }
  return { database, decide, pass: (ms: number) => (now += ms) };
}

const denied: Facts = {
  ...nothingSet,
  settings: { ...nothingSet.settings, dataCollection: 'deny' },
};

test.each<[string, string, Facts, string, Facts, string]>([
  ['a list of models', PAID, allowing(['openai/*']), 'model-not-allowed', nothingSet, 'platform'],
  ['data collection', HOSTED, denied, 'data-collection-required', nothingSet, 'platform'],
  ['a key', PAID, keyed('broken'), 'byok-keys-unusable', keyed(SEALED), 'byok'],
])(
  'whoever %s refused is served as soon as a second after it was put right',
  async (_name, model, wrong, refusal, right, served) => {
    const { database, decide, pass } = world(wrong);
    expect(await decide(model)).toBe(refusal);
    database.facts = right;
    pass(1_000);
    expect(await decide(model)).toBe(served);
    expect(database.asked).toBe(2);
  },
);

test('repeated refusals query the database at most once a second', async () => {
  const { database, decide, pass } = world(allowing(['openai/*']));
  for (let request = 0; request < 100; request++) {
    expect(await decide(PAID)).toBe('model-not-allowed');
    pass(100);
  }
  expect(database.asked).toBe(10);
});

test('a served request does not query the database again', async () => {
  const { database, decide, pass } = world(allowing(['anthropic/*']));
  expect(await decide(PAID)).toBe('platform');
  database.facts = allowing(['openai/*']);
  pass(4_999);
  expect(await decide(PAID)).toBe('platform');
  expect(database.asked).toBe(1);
  pass(1);
  expect(await decide(PAID)).toBe('model-not-allowed');
});
