import { Instant } from '@gateway/worker-utils/time';
import { array, assert, boolean, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { isForgotten, look, take, type Tracked, unused } from './tracker.ts';
import { freeWindow, promotionWindow } from './window.ts';

const HOUR_MS = 3_600_000;
const start = 1_800_000_000_000;
const at = (ms: number) => Instant.parse(start + ms);

function taken(tracked: Tracked, times: number, now: Instant): Tracked {
  let current = tracked;
  for (let n = 0; n < times; n++)
    ({ tracked: current } = take(current, { now, isAnonymous: true }));
  return current;
}

test('two hundred uses an hour are served, and the next when the first has left the window', () => {
  const full = taken(unused, 200, at(0));
  expect(look(full, at(0)).isFull).toBe(true);
  const { turn } = take(full, { now: at(HOUR_MS - 1), isAnonymous: false });
  expect(turn).toMatchObject({ isTaken: false });
  expect(take(full, { now: at(HOUR_MS + 60_000), isAnonymous: false }).turn.isTaken).toBe(true);
});

test('the promised wait is long enough', () => {
  const full = taken(unused, 200, at(0));
  const { retryAfterSeconds } = look(full, at(5000));
  expect(look(full, at(5000 + retryAfterSeconds * 1000)).isFull).toBe(false);
});

test('a refused use is not counted', () => {
  const full = taken(unused, 200, at(0));
  expect(take(full, { now: at(1), isAnonymous: true }).tracked).toBe(full);
});

test('only uses without an account count against the promotion', () => {
  const { tracked } = take(unused, { now: at(0), isAnonymous: false });
  expect(tracked.promotion).toEqual({});
  const counts = { [Math.floor(at(0) / promotionWindow.bucketMs)]: promotionWindow.max };
  expect(look({ free: {}, promotion: counts }, at(0)).isPromotionOver).toBe(true);
});

test('never more than two hundred in any trailing hour, whatever the order and the gaps', () => {
  const arrivals = array(
    record({ gapMs: integer({ min: 0, max: 120_000 }), isAnonymous: boolean() }),
    {
      minLength: 300,
      maxLength: 900,
    },
  );
  assert(
    property(arrivals, (requests) => {
      let tracked = unused;
      let now = 0;
      const served: number[] = [];
      for (const { gapMs, isAnonymous } of requests) {
        now += Math.floor(gapMs / 8);
        const result = take(tracked, { now: at(now), isAnonymous });
        tracked = result.tracked;
        if (result.turn.isTaken) served.push(now);
      }
      for (const [index, moment] of served.entries()) {
        const inHour = served.slice(0, index + 1).filter((other) => other > moment - HOUR_MS);
        expect(inHour.length).toBeLessThanOrEqual(freeWindow.max);
      }
    }),
    { numRuns: 50 },
  );
});

test('what is kept has a constant size, and is forgotten after a day', () => {
  let tracked = unused;
  for (let minute = 0; minute < 3000; minute++) {
    ({ tracked } = take(tracked, { now: at(minute * 60_000), isAnonymous: true }));
  }
  expect(Object.keys(tracked.free).length).toBeLessThanOrEqual(61);
  expect(Object.keys(tracked.promotion).length).toBeLessThanOrEqual(97);
  expect(isForgotten(tracked, at(3000 * 60_000))).toBe(false);
  expect(isForgotten(tracked, at(3000 * 60_000 + 25 * HOUR_MS))).toBe(true);
});
