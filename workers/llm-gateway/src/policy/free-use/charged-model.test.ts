import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type ChargedModel, chargedOnce, isForgottenAt, isSuspendedAt } from './charged-model.ts';

const MINUTE_MS = 60_000;
const at = (minutes: number) => Instant.parse(1_800_000_000_000 + minutes * MINUTE_MS);

const charged = (...minutes: readonly number[]): ChargedModel => {
  let known: ChargedModel | null = null;
  for (const minute of minutes) known = chargedOnce(known, at(minute));
  return known ?? { chargedAt: [], suspendedUntil: null };
};

test('suspends a model for an hour at its third charge within ten minutes', () => {
  expect(isSuspendedAt(charged(0, 1), at(1))).toBe(false);
  const third = charged(0, 5, 9);
  expect([9, 68, 69].map((minute) => isSuspendedAt(third, at(minute)))).toEqual([
    true,
    true,
    false,
  ]);
});

test('forgets a charge after ten minutes', () => {
  expect(isSuspendedAt(charged(0, 5, 10), at(10))).toBe(false);
  expect(isForgottenAt(charged(0), at(9))).toBe(false);
  expect(isForgottenAt(charged(0), at(10))).toBe(true);
  expect(isForgottenAt(charged(0, 1, 2), at(30))).toBe(false);
});

test('does not prolong a suspension by requests that were under way', () => {
  expect(charged(0, 1, 2, 3, 4).suspendedUntil).toBe(at(62));
});
