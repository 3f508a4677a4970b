import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { UserId } from './ids.ts';
import { signKiloToken, verifyKiloToken } from './kilo-token.ts';
import { Instant } from './time.ts';

const now = Instant.parse(1_800_000_000_000);
const later = (seconds: number) => Instant.parse(now + seconds * 1000);
const claims = { kiloUserId: UserId.parse('user-1'), apiTokenPepper: 'pepper', env: 'test' };
const raw = (payload: Record<string, unknown>) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(now / 1000)
    .setExpirationTime(now / 1000 + 60)
    .sign(new TextEncoder().encode('secret'));

test('a token says who made it until it expires', async () => {
  const token = await signKiloToken(claims, 'secret', { now, expiresInSeconds: 60 });
  expect(await verifyKiloToken(token, 'secret', later(59))).toEqual({
    ok: true,
    value: claims,
  });
  expect(await verifyKiloToken(token, 'secret', later(61))).toEqual({
    ok: false,
    error: 'expired',
  });
});

test('a token signed with another secret is invalid', async () => {
  const token = await signKiloToken(claims, 'other', { now, expiresInSeconds: 60 });
  expect(await verifyKiloToken(token, 'secret', now)).toEqual({ ok: false, error: 'invalid' });
});

test.each([
  ['an older version', { kiloUserId: 'user-1', version: 2 }, 'outdated'],
  ['no version', { kiloUserId: 'user-1' }, 'outdated'],
  ['no user', { version: 3 }, 'invalid'],
  ['an empty user', { version: 3, kiloUserId: '' }, 'invalid'],
])('a token with %s is refused', async (_name, payload, error) => {
  expect(await verifyKiloToken(await raw(payload), 'secret', now)).toEqual({ ok: false, error });
});

test('a token without a signature is invalid', async () => {
  const [, body] = (await raw({ kiloUserId: 'user-1', version: 3 })).split('.');
  const header = btoa('{"alg":"none"}').replaceAll('=', '');
  expect(await verifyKiloToken(`${header}.${body}.`, 'secret', now)).toEqual({
    ok: false,
    error: 'invalid',
  });
});
