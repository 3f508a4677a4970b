import { UserId } from '@gateway/worker-utils/ids';
import { type KiloTokenClaims, signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type AccountCache, cachedAccount } from './account-cache.ts';
import { type Account, tokenHolder } from './token-holder.ts';

const user = UserId.parse('user-1');
const SECRET = 'a secret of 32 random characters';
const now = Instant.parse(1_790_000_000_000);
const clock = { now: () => now };
const needs = (account: Account | null) => ({
  secrets: { current: async () => SECRET, previous: async () => null },
  environment: 'production',
  clock,
  account: async () => account,
});
const header = async (claims: Partial<KiloTokenClaims> = {}, expiresInSeconds = 60) =>
  `Bearer ${await signKiloToken({ kiloUserId: user, ...claims }, SECRET, { now, expiresInSeconds })}`;
const account = { tokenPepper: 'pepper', isBlocked: false };

test('a token with the current pepper is let in', async () => {
  const holder = await tokenHolder(needs(account), await header({ apiTokenPepper: 'pepper' }));
  expect(holder).toEqual({ ok: true, value: user });
});

test('a user who never had a pepper is let in with any token', async () => {
  const holder = await tokenHolder(needs({ ...account, tokenPepper: null }), await header());
  expect(holder.ok).toBe(true);
});

test.each([
  ['no header', async () => undefined, account, 'no-token'],
  ['another scheme', async () => 'Basic x', account, 'no-token'],
  ['nonsense', async () => 'Bearer nonsense', account, 'bad-token'],
  ['expired', () => header({ apiTokenPepper: 'pepper' }, -60), account, 'bad-token'],
  ['revoked', () => header({ apiTokenPepper: 'old' }), account, 'bad-token'],
  ['without a pepper', () => header(), account, 'bad-token'],
  [
    'of another environment',
    () => header({ apiTokenPepper: 'pepper', env: 'staging' }),
    account,
    'bad-token',
  ],
  ['of nobody', () => header(), null, 'unknown-user'],
  [
    'of a blocked user',
    () => header({ apiTokenPepper: 'pepper' }),
    { ...account, isBlocked: true },
    'blocked-user',
  ],
])('a token that is refused: %s', async (_name, authorization, known, flaw) => {
  expect(await tokenHolder(needs(known), await authorization())).toEqual({
    ok: false,
    error: flaw,
  });
});

/** Who is let in by an isolate that remembers accounts, while accounts change and time passes. */
function rememberingIsolate() {
  const world: { account: Account; at: number } = { account, at: now };
  const time = { now: () => Instant.parse(world.at) };
  const read = async () => world.account;
  const cached = cachedAccount({ cache: new Map(), clock: time, read });
  const ask = async (apiTokenPepper: string) => {
    const authorization = await header({ apiTokenPepper });
    const holder = await tokenHolder({ ...needs(null), account: cached }, authorization);
    return holder.ok ? 'let in' : holder.error;
  };
  return { world, ask };
}

test('a block counts after ten seconds, and its end at once', async () => {
  const { world, ask } = rememberingIsolate();
  expect(await ask('pepper')).toBe('let in');
  world.account = { ...account, isBlocked: true };
  world.at += 9_999;
  expect(await ask('pepper')).toBe('let in');
  world.at += 1;
  expect(await ask('pepper')).toBe('blocked-user');
  world.account = account;
  expect(await ask('pepper')).toBe('let in');
});

test('a token that replaces a revoked one counts at once, and the revoked one does not from then on', async () => {
  const { world, ask } = rememberingIsolate();
  expect(await ask('pepper')).toBe('let in');
  world.account = { ...account, tokenPepper: 'new pepper' };
  expect(await ask('new pepper')).toBe('let in');
  expect(await ask('pepper')).toBe('bad-token');
});

test('the cache does not grow beyond its limit', async () => {
  const cache: AccountCache = new Map();
  const read = cachedAccount({ cache, clock, read: async () => account });
  for (let index = 0; index < 1_100; index += 1) {
    await read(UserId.parse(`user-${index}`), async () => true);
  }
  expect(cache.size).toBe(1_000);
});
