import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextAttempt, type PastAttempt } from './retry-policy.ts';
import type { RetryScope } from './retry-scope.ts';

const START = 1_800_000_000_000;
const LATE_MS = 12_000;
const at = (ms: number): Instant => Instant.parse(START + ms);

type Failing = { readonly retry?: RetryScope; readonly retryAfterMs?: number | null };
const failed = (
  target: number,
  ms: number,
  { retry = 'anywhere', retryAfterMs = null }: Failing = {},
): PastAttempt => ({
  target,
  startedAt: at(ms),
  isLimited: target === 0,
  ended: { at: at(ms), retry, retryAfterMs, chance: 0 },
});
const running = (target: number, ms: number, isLimited: boolean): PastAttempt => ({
  target,
  startedAt: at(ms),
  isLimited,
  ended: null,
});
/** In milliseconds after the first one began. */
function next(
  tries: readonly PastAttempt[],
  targets: number,
): readonly [target: number, ms: number] | null {
  const found = nextAttempt(tries, { targets, lateMs: LATE_MS, since: at(0) });
  return found && [found.target, Math.max(0, found.at - START)];
}

test('tries the first target at once, and the other one when it fails', () => {
  expect(next([], 2)).toEqual([0, 0]);
  expect(next([failed(0, 0)], 2)).toEqual([1, 0]);
  expect(next([failed(0, 0, { retryAfterMs: 2000 })], 2)).toEqual([1, 0]);
});

test('retries the only target after its retry-after', () => {
  expect(next([failed(0, 0)], 1)).toEqual([0, 300]);
  expect(next([failed(0, 0, { retryAfterMs: 2000 })], 1)).toEqual([0, 2000]);
  expect(next([failed(0, 0, { retryAfterMs: 5000 })], 1)).toEqual([0, 5000]);
  expect(next([failed(0, 0, { retryAfterMs: 5001 })], 1)).toBeNull();
});

test('tries no target more than three times, nor before its back-off ends', () => {
  expect(next([failed(0, 0), failed(0, 300)], 1)).toEqual([0, 1500]);
  expect(next([failed(0, 0), failed(0, 300), failed(0, 1500)], 1)).toBeNull();
  const both = [failed(0, 0), failed(1, 0), failed(0, 1500), failed(1, 1500)];
  expect(next(both, 2)).toEqual([0, 3000]);
  expect(next([...both, failed(0, 3000), failed(1, 3000)], 2)).toBeNull();
});

test('tries only the other target after a 402', () => {
  expect(next([failed(0, 0, { retry: 'elsewhere' })], 2)).toEqual([1, 0]);
  expect(next([failed(0, 0, { retry: 'elsewhere' })], 1)).toBeNull();
});

test('keeps a silent attempt running when the next starts, and sets no limit for the last one', () => {
  expect(next([running(0, 0, true)], 2)).toEqual([1, LATE_MS]);
  expect(next([running(0, 0, false)], 1)).toBeNull();
  expect(next([running(0, 0, true), running(1, LATE_MS, false)], 2)).toBeNull();
  expect(next([failed(0, 0), running(1, 0, false)], 2)).toBeNull();
});

test('retries a failed target while another one is silent', () => {
  const other = failed(1, LATE_MS);
  expect(next([running(0, 0, true), other], 2)).toEqual([1, LATE_MS + 300]);
});

test('starts at most 2 attempts in 1.5 s, 4 in 3 s and 6 in total', () => {
  const failing = fc.record({
    afterMs: fc.nat(2500),
    retry: fc.constantFrom<RetryScope>('anywhere', 'elsewhere'),
    retryAfterMs: fc.option(fc.nat(6000)),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(failing, { minLength: 8, maxLength: 8 }),
      (targets, failures) => {
        const tries: PastAttempt[] = [];
        let now = START;
        for (const { afterMs, ...failure } of failures) {
          const found = nextAttempt(tries, { targets, lateMs: LATE_MS, since: at(0) });
          if (!found) break;
          const startedAt = Instant.parse(Math.max(now, found.at));
          now = startedAt + afterMs;
          const ended = { at: Instant.parse(now), ...failure };
          tries.push({ target: found.target, startedAt, isLimited: false, ended });
        }
        const starts = tries.map(({ startedAt }) => startedAt);
        const most = (ms: number) =>
          Math.max(
            ...starts.map((from) => starts.filter((s) => s >= from && s < from + ms).length),
          );
        expect(most(1500)).toBeLessThanOrEqual(2);
        expect(most(3000)).toBeLessThanOrEqual(4);
        expect(starts.length).toBeLessThanOrEqual(6);
        expect(Math.max(...starts) - START).toBeLessThanOrEqual(30_000);
      },
    ),
  );
});
