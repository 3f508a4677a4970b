import { MicroUsd } from '@gateway/worker-utils/money';
import { expect, test } from 'vitest';
import { isBonusDue } from './threshold.ts';

test.each([
  ['without a threshold, no bonus is due', 99_000_000, null, false],
  ['a bonus is due a dollar before the threshold', 18_000_000, 19_000_000, true],
  ['but not a microdollar earlier', 17_999_999, 19_000_000, false],
  ['a threshold below a dollar is due at once', 0, 500_000, true],
  ['so is one of nothing', 0, 0, true],
])('%s', (_name, used, threshold, isDue) => {
  const use = {
    used: MicroUsd.parse(used),
    threshold: threshold === null ? null : MicroUsd.parse(threshold),
  };
  expect(isBonusDue(use)).toBe(isDue);
});
