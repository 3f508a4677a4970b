import { expect, test } from 'vitest';
import { timingSafeEqual } from './timing-safe-equal.ts';

test.each([
  ['same', 'same', true],
  ['', '', true],
  ['same', 'Same', false],
  ['short', 'short and long', false],
  ['\u00e9', 'e\u0301', false],
])('%j and %j are equal: %j', async (left, right, expected) => {
  expect(await timingSafeEqual(left, right)).toBe(expected);
});
