import { expect, test } from 'vitest';
import { secondsOf } from './duration.ts';

test.each([
  ['90s', 90],
  ['30m', 1_800],
  ['1h', 3_600],
  ['7d', 604_800],
  ['1w', Number.NaN],
  ['h', Number.NaN],
  ['-1h', Number.NaN],
  ['1h ', Number.NaN],
  ['', Number.NaN],
])('%s are %d seconds', (duration, expected) => {
  expect(secondsOf(duration)).toBe(expected);
});
