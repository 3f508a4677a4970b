import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { Instant } from '@gateway/worker-utils/time';
import { array, assert, boolean, constantFrom, integer, oneof, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openLimiter } from './limiter.ts';
import { freeWindow } from './window.ts';

// `npm run proof` makes these long.
const RUNS = Number(process.env['PROOF_RUNS'] ?? 400);
/** Of long stories. */
const STORIES = Math.ceil(RUNS / 4);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MINUTES = 24 * 60;
const start = 1_800_000_000_000;
const at = (ms: number) => Instant.parse(start + ms);

let made = 0;
const use = (user: string | null = null) => ({
  id: `0a11ce00-0000-4000-8000-${String(made++).padStart(12, '0')}`,
  address: '2001:db8:1:2:3:4:5:6',
  model: 'moonshotai/kimi-k2.5:free',
  user,
});

const Pages = z.tuple([z.object({ page_count: z.number() })]);
const PAGE_BYTES = 4096;

const HITS_A_MINUTE = 23;
const MINUTES = Math.max(3 * DAY_MINUTES, RUNS * 2.2);
const hits = MINUTES * HITS_A_MINUTE;

test(`what is kept of an address has a constant size, after ${hits} hits too`, () => {
  const sql = nodeSql();
  const limiter = openLimiter(sql);
  const sizes: number[] = [];
  let served = 0;
  for (let minute = 0; minute < MINUTES; minute++) {
    for (let hit = 0; hit < HITS_A_MINUTE; hit++) {
      if (limiter.take(use(), at(minute * MINUTE_MS + hit)).isTaken) served += 1;
    }
    const size = () => Pages.parse(sql.all('PRAGMA page_count'))[0].page_count * PAGE_BYTES;
    if (minute % DAY_MINUTES === DAY_MINUTES - 1) sizes.push(size());
    limiter.written(limiter.pending());
  }
  const [first = Number.NaN] = sizes;
  expect(sizes).toEqual(sizes.map(() => first));
  expect(first).toBeLessThanOrEqual(64 * 1024);
  expect(served).toBeGreaterThan((MINUTES / 61) * (freeWindow.max - 1));
  expect(served).toBeLessThanOrEqual((MINUTES / 60 + 1) * freeWindow.max);
}, 600_000);

/** What can happen to the object of an address, in any order. */
const happening = oneof(
  {
    weight: 6,
    arbitrary: record({
      kind: constantFrom('take' as const),
      hasAccount: boolean(),
      times: integer({ min: 1, max: 120 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: constantFrom('wait' as const),
      ms: oneof(integer({ min: 0, max: 999 }), integer({ min: 0, max: HOUR_MS })),
    }),
  },
  {
    weight: 2,
    arbitrary: record({ kind: constantFrom('look' as const, 'flush' as const, 'evict' as const) }),
  },
);

test(`never more than two hundred in any trailing hour, and none is lost or told twice, whatever comes between (${STORIES} stories)`, () => {
  assert(
    property(array(happening, { minLength: 10, maxLength: 60 }), (happenings) => {
      const sql = nodeSql();
      let limiter = openLimiter(sql);
      let now = 0;
      const served: number[] = [];
      const written: string[] = [];
      const flush = () => {
        const pending = limiter.pending();
        written.push(...pending.map(({ id }) => id));
        limiter.written(pending);
      };
      for (const happened of happenings) {
        if (happened.kind === 'wait') now += happened.ms;
        if (happened.kind === 'flush') flush();
        // The platform may drop an object from memory at any time; what is on disk is all that is left.
        if (happened.kind === 'evict') limiter = openLimiter(sql);
        if (happened.kind !== 'take') continue;
        for (let n = 0; n < happened.times; n++) {
          const wasFull = limiter.look(at(now)).isFull;
          const turn = limiter.take(use(happened.hasAccount ? 'user' : null), at(now));
          expect(turn.isTaken).toBe(!wasFull);
          if (turn.isTaken) served.push(now);
        }
      }
      while (limiter.pending().length > 0) flush();
      expect(new Set(written).size).toBe(written.length);
      expect(written).toHaveLength(served.length);
      expect(mostInAnHour(served)).toBeLessThanOrEqual(freeWindow.max);
    }),
    { numRuns: STORIES },
  );
}, 600_000);

/** Of moments in their order. */
function mostInAnHour(moments: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [index, moment] of moments.entries()) {
    while ((moments[first] ?? moment) <= moment - HOUR_MS) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
