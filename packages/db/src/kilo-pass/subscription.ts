import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

export const Subscription = z.object({
  id: z.uuid(),
  tier: z.enum(['tier_19', 'tier_49', 'tier_199']),
  cadence: z.enum(['monthly', 'yearly']),
  /** As Stripe spells it; it may learn new words. */
  status: z.string(),
  cancel_at_period_end: z.boolean(),
  started_at: Instant.nullable(),
  created_at: Instant,
  current_streak_months: z.int(),
  next_yearly_issue_at: Instant.nullable(),
});
export type Subscription = z.infer<typeof Subscription>;

/** What a month of it costs, and so what its base credits are worth. */
export const PRICE_CENTS = { tier_19: 1_900, tier_49: 4_900, tier_199: 19_900 } as const;

/** The one that counts of all that a user has or had: the liveliest, and of those the most recent. */
export const currentSubscription = (all: readonly Subscription[]): Subscription | null =>
  all.toSorted(
    (one, other) => rankOf(one) - rankOf(other) || recencyOf(other) - recencyOf(one),
  )[0] ?? null;

export type Life = 'active' | 'interrupted' | 'ended';

/** Interrupted: it gives nothing now, but may come back. A status that nobody knows gives nothing and is not waited for. */
export function lifeOf({ status }: Subscription): Life {
  if (status === 'active') return 'active';
  return INTERRUPTED.includes(status) ? 'interrupted' : 'ended';
}

const INTERRUPTED: readonly string[] = ['trialing', 'past_due', 'paused', 'incomplete'];
const ENDED: readonly string[] = ['canceled', 'unpaid', 'incomplete_expired'];
/** Everything before the first: active. One that will not be renewed comes after those that will. */
const AFTER_ACTIVE = [...INTERRUPTED, 'ended', 'unknown'];

function rankOf({ status, cancel_at_period_end: isLast }: Subscription): number {
  if (status === 'active') return isLast ? 1 : 0;
  const known = INTERRUPTED.includes(status)
    ? status
    : ENDED.includes(status)
      ? 'ended'
      : 'unknown';
  return 2 + AFTER_ACTIVE.indexOf(known);
}

const recencyOf = ({ started_at, created_at }: Subscription): number => started_at ?? created_at;
