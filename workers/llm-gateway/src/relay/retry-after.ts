import type { Instant } from '@gateway/worker-utils/time';

/**
 * Nobody is told to wait longer: there are clients that obey without a limit of their own, and without a word to their user. An
 * hour of silence looks like a crash.
 */
export const RETRY_AFTER_SECONDS_MAX = 60;
const RETRIED = new Set([429, 503]);

/** After how many seconds a client may try again, where the upstream said so: in seconds, or as a date. */
export function retryAfterOf(
  { status, headers }: { readonly status: number; readonly headers: Headers },
  now: Instant,
): string | null {
  const said = headers.get('retry-after')?.trim() ?? '';
  if (!RETRIED.has(status) || said === '') return null;
  const seconds = /^\d+$/.test(said) ? Number(said) : Math.ceil((Date.parse(said) - now) / 1000);
  return Number.isNaN(seconds)
    ? null
    : String(Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(0, seconds)));
}
