import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

/** A month of the calendar in UTC, as its first day: `2026-03-01`. */
export const Month = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])-01$/)
  .brand<'Month'>();
export type Month = z.infer<typeof Month>;

export const monthOf = (instant: Instant): Month =>
  Month.parse(`${new Date(instant).toISOString().slice(0, 7)}-01`);

/** From the month in which `from` lies to `to`. */
export function monthsBetween(from: Instant, to: Month): number {
  const [start, end] = [new Date(from), new Date(to)];
  const years = end.getUTCFullYear() - start.getUTCFullYear();
  return years * 12 + end.getUTCMonth() - start.getUTCMonth();
}

/** The same day and time so many months later; the last day of a month that has no such day. In UTC. */
export function plusMonths(instant: Instant, months: number): Instant {
  const date = new Date(instant);
  const day = date.getUTCDate();
  // The first of a month exists in every month: only then is the day put back.
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const daysInMonth = new Date(
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0),
  ).getUTCDate();
  date.setUTCDate(Math.min(day, daysInMonth));
  return Instant.parse(date.getTime());
}
