import { MicroUsd } from '@gateway/worker-utils/money';

/** The last dollar of a month's credits counts as used: nobody waits for a bonus with an empty purse. */
const EARLY_MICRO_USD = 1_000_000;

type Use = { readonly used: MicroUsd; readonly threshold: MicroUsd | null };

/** Whether a user has used so much of a month's credits that the bonus is due. Null: none is outstanding. */
export function isBonusDue({ used, threshold }: Use): boolean {
  const due = dueAt(threshold);
  return due !== null && used >= due;
}

export const dueAt = (threshold: MicroUsd | null): MicroUsd | null =>
  threshold === null ? null : MicroUsd.parse(Math.max(0, threshold - EARLY_MICRO_USD));
