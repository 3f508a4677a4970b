import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { UserId } from './ids.ts';
import { signKiloToken, verifyKiloToken } from './kilo-token.ts';
import { Instant } from './time.ts';

const now = Instant.parse(1_800_000_000_000);
const later = (seconds: number) => Instant.parse(now + seconds * 1000);
const claims = { kiloUserId: UserId.parse('user-1'), apiTokenPepper: 'pepper', env: 'test' };
const SECRET = 'a secret of 32 random characters';
const only = (secret: string) => ({ current: async () => secret, previous: async () => null });
const raw = (payload: Record<string, unknown>) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(now / 1000)
    .setExpirationTime(now / 1000 + 60)
    .sign(new TextEncoder().encode(SECRET));

test('a token says who made it until it expires', async () => {
  const token = await signKiloToken(claims, SECRET, { now, expiresInSeconds: 60 });
  expect(await verifyKiloToken(token, only(SECRET), later(59))).toEqual({
    ok: true,
    value: claims,
  });
  expect(await verifyKiloToken(token, only(SECRET), later(61))).toEqual({
    ok: false,
    error: 'expired',
  });
});

test('a token signed with another secret is invalid', async () => {
  const token = await signKiloToken(claims, 'another one, of the same length..', {
    now,
    expiresInSeconds: 60,
  });
  expect(await verifyKiloToken(token, only(SECRET), now)).toEqual({
    ok: false,
    error: 'invalid',
  });
});

test.each([
  ['an older version', { kiloUserId: 'user-1', version: 2 }, 'outdated'],
  ['no version', { kiloUserId: 'user-1' }, 'outdated'],
  ['no user', { version: 3 }, 'invalid'],
  ['a NUL in the user', { version: 3, kiloUserId: 'user\0' }, 'invalid'],
  ['half a surrogate pair in the user', { version: 3, kiloUserId: 'user\ud800' }, 'invalid'],
  ['a NUL in the bot', { version: 3, kiloUserId: 'user-1', botId: '\0' }, 'invalid'],
  [
    'a NUL in the organisation',
    { version: 3, kiloUserId: 'user-1', organizationId: '\0' },
    'invalid',
  ],
  ['an empty user', { version: 3, kiloUserId: '' }, 'invalid'],
])('a token with %s is refused', async (_name, payload, error) => {
  expect(await verifyKiloToken(await raw(payload), only(SECRET), now)).toEqual({
    ok: false,
    error,
  });
});

test('a token without a signature is invalid', async () => {
  const [, body] = (await raw({ kiloUserId: 'user-1', version: 3 })).split('.');
  const header = btoa('{"alg":"none"}').replaceAll('=', '');
  expect(await verifyKiloToken(`${header}.${body}.`, only(SECRET), now)).toEqual({
    ok: false,
    error: 'invalid',
  });
});

test('while a secret is replaced, tokens of both are good, and of no third; one is checked as strictly as the other', async () => {
  const pair = {
    current: async () => 'the new secret...',
    previous: async () => 'the old secret...',
  };
  const verdictOf = async (secret: string, at = now) =>
    verifyKiloToken(await signKiloToken(claims, secret, { now, expiresInSeconds: 60 }), pair, at);
  expect(await verdictOf('the new secret...')).toEqual({ ok: true, value: claims });
  expect(await verdictOf('the old secret...')).toEqual({ ok: true, value: claims });
  expect(await verdictOf('the third secret.')).toEqual({ ok: false, error: 'invalid' });
  expect(await verdictOf('the old secret...', later(61))).toEqual({ ok: false, error: 'expired' });
});

test('a token of the current secret needs no other, also where it is refused', async () => {
  const asked: string[] = [];
  const pair = {
    current: async () => SECRET,
    async previous() {
      asked.push('previous');
      return null;
    },
  };
  const token = await signKiloToken(claims, SECRET, { now, expiresInSeconds: 60 });
  expect((await verifyKiloToken(token, pair, now)).ok).toBe(true);
  expect((await verifyKiloToken(token, pair, later(61))).ok).toBe(false);
  expect((await verifyKiloToken('nonsense', pair, now)).ok).toBe(false);
  expect(asked).toEqual([]);
});

/** Signs by hand: what is tested must not depend on what our own signer refuses. */
const signedWith = (secret: string) =>
  new SignJWT({ kiloUserId: 'user-1', version: 3 })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(now / 1000 + 60)
    .sign(new TextEncoder().encode(secret));

test.each(['none', 'NONE', 'None', 'none\n', '123456789012345', `${' '.repeat(20)}none`])(
  'verifies nothing with %j, neither as the current secret nor as the previous one',
  async (weak) => {
    const token = await signedWith(weak);
    const invalid = { ok: false, error: 'invalid' };
    expect(await verifyKiloToken(token, only(weak), now)).toEqual(invalid);
    const rotated = { current: async () => SECRET, previous: async () => weak };
    expect(await verifyKiloToken(token, rotated, now)).toEqual(invalid);
    const strong = await signedWith(SECRET);
    expect((await verifyKiloToken(strong, rotated, now)).ok).toBe(true);
  },
);
