import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { type Month, monthOf, monthsBetween, plusMonths } from './months.ts';
import { PRICE_CENTS, type Subscription } from './subscription.ts';

/** What a subscription's bonus of one month is. */
export type Bonus = {
  readonly amount: MicroUsd;
  readonly baseCents: number;
  readonly bonusCents: number;
  /** 0.5 is half. */
  readonly share: number;
  readonly description: string;
  /** Null: it is kept until it is used. */
  readonly expiresAt: Instant | null;
  /** Goes into the audit log beside the amounts. */
  readonly audit: Readonly<Record<string, unknown>>;
};

type Case = {
  readonly subscription: Subscription;
  readonly issueMonth: Month;
  /** Never had another Kilo Pass. */
  readonly isFirstTimer: boolean;
};

/** The second month of a first Kilo Pass that began before this moment is still one of the promotion. */
const PROMOTION_ENDS_AT = Instant.parse(Date.parse('2026-02-28T07:59:59Z'));
const PROMOTION_MONTHS = 2;
const HALF_PERCENT = 50;
const RAMP_STEP_PERCENT = 5;
const RAMP_MAX_PERCENT = 40;
const MICRO_USD_PER_CENT = 10_000;

export function bonusOf(bonus: Case): Bonus {
  const { subscription } = bonus;
  const baseCents = PRICE_CENTS[subscription.tier];
  const { percent, ...terms } = termsOf(bonus);
  const bonusCents = Math.round((baseCents * percent) / 100);
  return {
    amount: MicroUsd.parse(bonusCents * MICRO_USD_PER_CENT),
    baseCents,
    bonusCents,
    share: percent / 100,
    expiresAt: expiryOf(bonus),
    ...terms,
  };
}

type Terms = Pick<Bonus, 'description' | 'audit'> & { readonly percent: number };

function termsOf(bonus: Case): Terms {
  const { subscription, issueMonth } = bonus;
  const { tier } = subscription;
  if (subscription.cadence === 'yearly') {
    return {
      percent: HALF_PERCENT,
      description: `Kilo Pass yearly monthly bonus (${tier}, ${issueMonth})`,
      audit: {},
    };
  }
  const streak = Math.max(1, subscription.current_streak_months);
  const percent = monthlyPercent(bonus, streak);
  const isPromotion = percent === HALF_PERCENT && streak <= PROMOTION_MONTHS;
  return {
    percent,
    description: `Kilo Pass ${isPromotion ? 'promo 50%' : 'monthly'} bonus (${tier}, streak=${streak})`,
    audit: {
      bonusKind: isPromotion ? 'promo-50pct' : 'monthly-ramp',
      monthlyBonusDecision: {
        streakMonths: streak,
        startedAt: subscription.started_at === null ? null : iso(subscription.started_at),
        issueMonth,
        bonusPercentApplied: percent / 100,
      },
    },
  };
}

/** The first month of somebody's first Kilo Pass gets half whenever it began; only the second one looks at the date. */
function monthlyPercent({ subscription, isFirstTimer }: Case, streak: number): number {
  const { started_at: startedAt } = subscription;
  const isEarly = startedAt !== null && startedAt < PROMOTION_ENDS_AT;
  const isPromoted = isFirstTimer && (streak === 1 || (streak === PROMOTION_MONTHS && isEarly));
  return isPromoted ? HALF_PERCENT : Math.min(RAMP_MAX_PERCENT, RAMP_STEP_PERCENT * streak);
}

/** With the month that it belongs to, counted from the day on which the subscription began. */
function expiryOf({ subscription, issueMonth }: Case): Instant | null {
  if (subscription.cadence === 'yearly') return subscription.next_yearly_issue_at;
  const { started_at: startedAt } = subscription;
  if (startedAt === null) return null;
  const months = monthsBetween(startedAt, issueMonth);
  // In one step: by way of a short month, who began on the 31st would lose days of the long one after it.
  return months < 0 ? null : plusMonths(startedAt, months + 1);
}

/** The month of a year's subscription for which credits were issued last. Null: it never began. */
export function yearlyIssueMonth(subscription: Subscription): Month | null {
  const { next_yearly_issue_at: next, started_at: startedAt } = subscription;
  if (next !== null) return monthOf(plusMonths(next, -1));
  return startedAt === null ? null : monthOf(startedAt);
}

const iso = (instant: Instant): string => new Date(instant).toISOString();
