import { expect, test } from 'vitest';
import { microUsdOf } from './money.ts';

test.each([
  [0.123456, 123_456],
  [1, 1_000_000],
  [0, 0],
  [0.000_000_99, 1],
  [0.1234567, 123_457],
  [0.0849 / 20, 4245],
  [-0.025_076_25, -25_076],
])('%d USD is %d microdollars', (usd, expected) => {
  expect(microUsdOf(usd)).toBe(expected);
});
