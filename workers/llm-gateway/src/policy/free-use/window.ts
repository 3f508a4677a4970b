import type { Instant } from '@gateway/worker-utils/time';

/**
 * A sliding window, counted in buckets. At most `max` in any trailing `lengthMs`: the bucket that the window only partly
 * covers counts in full, so that rounding refuses a little early and never too late.
 */
export type Window = {
  readonly lengthMs: number;
  readonly bucketMs: number;
  readonly max: number;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** All uses of sponsored models. */
export const freeWindow: Window = { lengthMs: HOUR_MS, bucketMs: MINUTE_MS, max: 200 };
/** Uses without an account. */
export const promotionWindow: Window = {
  lengthMs: 24 * HOUR_MS,
  bucketMs: 15 * MINUTE_MS,
  max: 10_000,
};

/** Uses by the number of their bucket. Never more entries than the window has buckets, and one. */
export type Counts = Readonly<Record<string, number>>;

const bucketOf = (window: Window, at: Instant): number => Math.floor(at / window.bucketMs);

/** Drops buckets outside the window. */
export function current(window: Window, counts: Counts, now: Instant): Counts {
  const oldest = bucketOf(window, now) - window.lengthMs / window.bucketMs;
  return Object.fromEntries(Object.entries(counts).filter(([bucket]) => Number(bucket) >= oldest));
}

const total = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

export const isFull = (window: Window, counts: Counts, now: Instant): boolean =>
  total(current(window, counts, now)) >= window.max;

export function counted(window: Window, counts: Counts, now: Instant): Counts {
  const bucket = bucketOf(window, now);
  return { ...current(window, counts, now), [bucket]: (counts[bucket] ?? 0) + 1 };
}

/** Until the oldest bucket leaves the window. At least one second. */
export function retryAfterSeconds(window: Window, counts: Counts, now: Instant): number {
  const oldest = Math.min(...Object.keys(current(window, counts, now)).map(Number));
  const leavesAt = (oldest + 1) * window.bucketMs + window.lengthMs;
  return Number.isFinite(leavesAt) ? Math.max(1, Math.ceil((leavesAt - now) / 1000)) : 1;
}
