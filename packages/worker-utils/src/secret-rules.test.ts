import { expect, test } from 'vitest';
import { ruledSecretNames, secretFlaw, SECRET_BYTES_MIN } from './secret-rules.ts';

const required = [
  'NEXTAUTH_SECRET_PROD',
  'ANONYMOUS_ID_SECRET',
  'BYOK_ENCRYPTION_KEY',
  'OPENROUTER_API_KEY',
];
const ours = ruledSecretNames.filter((name) => name !== 'OPENROUTER_API_KEY');
const optional = ruledSecretNames.filter((name) => !required.includes(name));
const weak = ['x', 's'.repeat(15), ` ${'s'.repeat(15)}\n`, 'é'.repeat(7)];
const key = btoa('k'.repeat(32));
const good = (name: string) => (name.startsWith('BYOK') ? key : 's'.repeat(SECRET_BYTES_MIN));
const absent = [null, undefined, '', ' ', '\n', 'none', 'NONE', 'None', ' none\n'];

test.each(required)('%s rejects every way to say that there is no secret', (name) => {
  expect(absent.map((value) => secretFlaw(name, value))).toEqual(absent.map(() => 'absent'));
});

test.each(optional)('%s may be absent', (name) => {
  expect(absent.map((value) => secretFlaw(name, value))).toEqual(absent.map(() => null));
});

test.each(ours)('%s accepts a secret that is long enough, and nothing shorter', (name) => {
  expect(secretFlaw(name, good(name))).toBeNull();
  for (const value of weak) {
    expect(secretFlaw(name, value)).not.toBeNull();
  }
});

test.each(['BYOK_ENCRYPTION_KEY', 'BYOK_ENCRYPTION_KEY_PREVIOUS'])(
  '%s accepts 32 bytes in base64 only',
  (name) => {
    for (const value of [btoa('k'.repeat(31)), btoa('k'.repeat(33)), 'k'.repeat(32), '%%%']) {
      expect(secretFlaw(name, value)).toBe('not-a-key');
    }
  },
);

test('the key of another service may have any length', () => {
  expect(
    secretFlaw('OPENROUTER_API_KEY', 'short') ?? secretFlaw('STRIPE_SECRET_KEY', 'none'),
  ).toBeNull();
});
