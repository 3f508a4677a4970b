import { AnonymousId, ExchangeId, UserId } from '@gateway/worker-utils/ids';
import { zeroMicroUsd } from '@gateway/worker-utils/money';
import { err, ok } from '@gateway/worker-utils/result';
import { Instant } from '@gateway/worker-utils/time';
import { untraced } from '@gateway/worker-utils/trace';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../exchange/caller.ts';
import type { Parsed } from '../../exchange/exchange.ts';
import { pipeline } from '../stage.ts';
import { ClientAddress } from '../../request/client-address.ts';
import { clientHintsOf } from '../../request/client-hints.ts';
import { freeInCatalogue, noSuspensions } from '../../testing/listed-prices.ts';
import { resolveModel } from './resolve-model.ts';
import { identify } from './identify.ts';
import { throttle } from './throttle.ts';

const user = UserId.parse('user-1');
const models = {
  paid: 'anthropic/claude-sonnet-4.6',
  hosted: 'minimax/minimax-m2.5:free',
  'other free': 'vendor/model:free',
} as const;
type Named = keyof typeof models;

type Situation = {
  /** What the address has used up. */
  readonly full?: 'free' | 'promotion' | 'both';
  readonly caller?: 'user' | 'nobody' | 'blocked' | 'revoked' | 'unknown' | 'database away';
};

const snapshotOf = ({ caller }: Situation): Snapshot => ({
  user: {
    id: user,
    email: 'user@example.com',
    tokenPepper: caller === 'revoked' ? 'another' : 'pepper',
    isBlocked: caller === 'blocked',
    used: zeroMicroUsd,
    acquired: zeroMicroUsd,
    wantsTopUp: false,
  },
  organization: null,
  ownKeys: [],
  readAt: Instant.parse(0),
  customLlms: [],
});

/** The kind of caller that a request turns out to be of, or why it is refused. */
async function identified(name: Named, situation: Situation): Promise<string> {
  const { full, caller = 'user' } = situation;
  const exchange: Parsed = {
    chat: { model: models[name] },
    arrival: {
      id: ExchangeId.parse('0a11ce00-0000-4000-8000-000000000001'),
      at: Instant.parse(0),
      bodyBytes: 2,
      bearer: caller === 'nobody' ? null : 'token',
      address: ClientAddress.parse('203.0.113.7'),
      geo: { city: null, country: null, latitude: null, longitude: null, ja4: null },
      hints: clientHintsOf(new Headers(), 'openrouter'),
      clientSignal: new AbortController().signal,
    },
  };
  const used = {
    isFull: full === 'free' || full === 'both',
    isPromotionOver: full === 'promotion' || full === 'both',
    retryAfterSeconds: 60,
  };
  const found = () => {
    if (caller === 'database away') return err('unavailable' as const);
    return ok(caller === 'unknown' ? null : snapshotOf(situation));
  };
  const done = await pipeline(resolveModel)
    .to(throttle)
    .to(identify)
    .run(exchange, {
      trace: untraced(null),
      listedPrices: freeInCatalogue(models['other free']),
      suspensions: noSuspensions,
      freeUse: { look: async () => used },
      tokens: { verify: async () => ({ kiloUserId: user, version: 3, apiTokenPepper: 'pepper' }) },
      snapshots: { of: async () => found() },
      anonymizer: { idOf: async () => AnonymousId.parse('anon:1') },
      isBlacklisted: () => false,
    });
  return done.ok ? done.value.caller.kind : done.error.kind;
}

const signIn = 'sign-in-required';
const full = 'free-limit-reached';
const over = 'promotion-limit-reached';

test.each<[Situation, Readonly<Record<Named, string>>]>([
  [{}, { paid: 'user', hosted: 'user', 'other free': 'user' }],
  [{ full: 'free' }, { paid: 'user', hosted: full, 'other free': 'user' }],
  [{ full: 'promotion' }, { paid: 'user', hosted: 'user', 'other free': 'user' }],
  [{ caller: 'nobody' }, { paid: signIn, hosted: 'anonymous', 'other free': 'anonymous' }],
  [
    { caller: 'nobody', full: 'free' },
    { paid: signIn, hosted: full, 'other free': full },
  ],
  [
    { caller: 'nobody', full: 'promotion' },
    { paid: signIn, hosted: over, 'other free': over },
  ],
  [
    { caller: 'nobody', full: 'both' },
    { paid: signIn, hosted: full, 'other free': full },
  ],
  [{ caller: 'revoked' }, { paid: signIn, hosted: 'anonymous', 'other free': 'anonymous' }],
  [
    { caller: 'revoked', full: 'promotion' },
    { paid: signIn, hosted: over, 'other free': over },
  ],
  [{ caller: 'unknown' }, { paid: signIn, hosted: 'anonymous', 'other free': 'anonymous' }],
  [{ caller: 'blocked' }, { paid: signIn, hosted: signIn, 'other free': signIn }],
  [
    { caller: 'blocked', full: 'promotion' },
    { paid: signIn, hosted: signIn, 'other free': signIn },
  ],
  [
    { caller: 'blocked', full: 'free' },
    { paid: signIn, hosted: full, 'other free': signIn },
  ],
  [
    { caller: 'database away' },
    { paid: 'unavailable', hosted: 'unavailable', 'other free': 'unavailable' },
  ],
])('%j is %j', async (situation, expected) => {
  const each = (['paid', 'hosted', 'other free'] as const).map(
    async (name) => [name, await identified(name, situation)] as const,
  );
  expect(Object.fromEntries(await Promise.all(each))).toEqual(expected);
});
