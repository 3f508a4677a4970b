import type { Instant } from '@gateway/worker-utils/time';
import { burnWindows, type Severity } from './windows.ts';

const MINUTE_MS = 60_000;

/** For how long an alert that was sent speaks for the next ones of its kind. */
export const silenceMs = {
  page: 15 * MINUTE_MS,
  ticket: 4 * 60 * MINUTE_MS,
} as const satisfies Record<Severity, number>;

/**
 * After a page that is not repeated, the ticket's short window still holds the end of the same outage. Until it is clean,
 * a ticket would only say again what somebody was woken for.
 */
const ticketShortMs = Math.max(...burnWindows.map(({ shortMinutes }) => shortMinutes)) * MINUTE_MS;
const TICKET_AFTER_PAGE_MS = silenceMs.page + ticketShortMs;

/** When the two alerts of one dimension were last sent. */
export type LastSent = Readonly<Record<Severity, Instant | null>>;

/** A page speaks for tickets too; a ticket never keeps a page from waking somebody. */
export function isSuppressed(severity: Severity, lastSent: LastSent, now: Instant): boolean {
  const isWithin = (sentAt: Instant | null, ms: number) => sentAt !== null && now - sentAt < ms;
  if (isWithin(lastSent[severity], silenceMs[severity])) return true;
  return severity === 'ticket' && isWithin(lastSent.page, TICKET_AFTER_PAGE_MS);
}
