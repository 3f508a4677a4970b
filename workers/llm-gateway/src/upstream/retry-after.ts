import type { Instant } from '@gateway/worker-utils/time';

/**
 * The longest wait that clients are told: some obey without a limit and without informing their user, and an hour of silence
 * looks like a crash.
 */
export const RETRY_AFTER_SECONDS_MAX = 60;
/** Anthropic sends 529 where others send 503. */
const RETRIED = new Set([429, 503, 529]);

type Refused = { readonly status: number; readonly headers: Headers };

/** The upstream's retry-after in seconds, rounded up so that no client retries too early. Null: the upstream sent none. */
export function retryAfterOf(refused: Refused, now: Instant): string | null {
  const ms = retryAfterMsOf(refused, now);
  return ms === null ? null : String(Math.ceil(ms / 1000));
}

/**
 * The same in milliseconds: from `retry-after-ms`, which OpenAI sends and its clients prefer, or from `retry-after`, a number of
 * seconds or a date. Null where neither can be read.
 */
export function retryAfterMsOf({ status, headers }: Refused, now: Instant): number | null {
  if (!RETRIED.has(status)) return null;
  const ms = numberIn(headers.get('retry-after-ms')) ?? msIn(headers.get('retry-after'), now);
  return ms === null ? null : Math.min(RETRY_AFTER_SECONDS_MAX * 1000, Math.max(0, Math.ceil(ms)));
}

function msIn(said: string | null, now: Instant): number | null {
  const seconds = numberIn(said);
  if (seconds !== null) return seconds * 1000;
  // Without letters it is no date: `Date.parse` would read a number, or a list of numbers, as a year.
  const at = said !== null && /[a-z]/i.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(at) ? null : at - now;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

function numberIn(said: string | null): number | null {
  const text = said?.trim() ?? '';
  return NUMBER.test(text) ? Number(text) : null;
}
