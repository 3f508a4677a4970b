import { expect, test } from 'vitest';
import { blacklistOf } from './blacklist.ts';

const isBlacklisted = blacklistOf(' Evil.com | example.org||');

test.each([
  ['user@evil.com', true],
  ['USER@EVIL.COM', true],
  ['user@sub.example.org', true],
  ['something.evil.com', true],
  ['user@notevil.com', false],
  ['user@evil.com.fake', false],
  ['evil.com@example.com', false],
  ['user@example.com', false],
])('%s: %j', (email, expected) => {
  expect(isBlacklisted(email)).toBe(expected);
});

test('an empty list blocks no address', () => {
  expect(blacklistOf('')('user@evil.com')).toBe(false);
});
