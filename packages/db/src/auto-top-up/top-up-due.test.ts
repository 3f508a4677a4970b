import { microUsdOf } from '@gateway/worker-utils/money';
import { expect, test } from 'vitest';
import { isTopUpDue } from './top-up-due.ts';

test.each([
  ['user', 4.99, true],
  ['user', 4.999999, true],
  ['user', 5, false],
  ['user', -1, true],
  ['organization', 49.99, true],
  ['organization', 49.999999, true],
  ['organization', 50, false],
] as const)('with the %s at $%f, a purchase is due: %s', (kind, usd, isDue) => {
  expect(isTopUpDue(kind, { isEnabled: true, balance: microUsdOf(usd) })).toBe(isDue);
});

test('whoever has not asked for it buys nothing', () => {
  expect(isTopUpDue('user', { isEnabled: false, balance: microUsdOf(0) })).toBe(false);
});
