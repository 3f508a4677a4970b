import type { Instant } from '@gateway/worker-utils/time';

/**
 * Nobody is told to wait longer: there are clients that obey without a limit of their own, and without a word to their user. An
 * hour of silence looks like a crash.
 */
export const RETRY_AFTER_SECONDS_MAX = 60;
/** 529 is what Anthropic says where others say 503. */
const RETRIED = new Set([429, 503, 529]);

type Refused = { readonly status: number; readonly headers: Headers };

/** After how many seconds a client may try again, where the upstream said so; rounded up, because earlier is too early. */
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
  // A date has letters. Without them, `Date.parse` makes a year of a number or of a list of numbers.
  const at = said !== null && /[a-z]/i.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(at) ? null : at - now;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

function numberIn(said: string | null): number | null {
  const text = said?.trim() ?? '';
  return NUMBER.test(text) ? Number(text) : null;
}
