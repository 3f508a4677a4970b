import { Instant } from '@gateway/worker-utils/time';
import { describe, expect, test } from 'vitest';
import { bonusOf, yearlyIssueMonth } from './decide-bonus.ts';
import { Month, monthOf, plusMonths } from './months.ts';
import type { Subscription } from './subscription.ts';

const at = (iso: string): Instant => Instant.parse(Date.parse(iso));
const early = at('2026-02-28T07:59:58.999Z');
const late = at('2026-02-28T07:59:59Z');

const subscription = (fields: Partial<Subscription> = {}): Subscription => ({
  id: '44444444-4444-4444-8444-444444444441',
  tier: 'tier_19',
  cadence: 'monthly',
  status: 'active',
  cancel_at_period_end: false,
  started_at: early,
  created_at: early,
  current_streak_months: 1,
  next_yearly_issue_at: null,
  ...fields,
});
const issueMonth = Month.parse('2026-03-01');
const bonus = (fields: Partial<Subscription>, isFirstTimer = true) =>
  bonusOf({ subscription: subscription(fields), issueMonth, isFirstTimer });

test.each([
  ['tier_19', 1, 9_500_000],
  ['tier_49', 1, 24_500_000],
  ['tier_199', 1, 99_500_000],
  ['tier_19', 3, 2_850_000],
  ['tier_49', 3, 7_350_000],
  ['tier_199', 3, 29_850_000],
  ['tier_19', 8, 7_600_000],
  ['tier_49', 8, 19_600_000],
  ['tier_199', 8, 79_600_000],
  ['tier_199', 100, 79_600_000],
] as const)('a %s in month %i gets %i', (tier, current_streak_months, amount) => {
  expect(bonus({ tier, current_streak_months }).amount).toBe(amount);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 20])(
  'who had a Kilo Pass before climbs by 5 %% a month, to 40 %%: month %i',
  (current_streak_months) => {
    const share = Math.min(40, 5 * current_streak_months) / 100;
    expect(bonus({ current_streak_months }, false).share).toBe(share);
  },
);

describe('the first months of a first Kilo Pass', () => {
  test.each([
    ['month 2, begun in time', { current_streak_months: 2, started_at: early }, 0.5],
    ['month 2, begun at the cut-off', { current_streak_months: 2, started_at: late }, 0.1],
    ['month 2, begun who knows when', { current_streak_months: 2, started_at: null }, 0.1],
    ['month 1, begun at the cut-off', { current_streak_months: 1, started_at: late }, 0.5],
    ['month 1, begun who knows when', { current_streak_months: 1, started_at: null }, 0.5],
    ['month 3, begun in time', { current_streak_months: 3, started_at: early }, 0.15],
    ['a streak that was not counted yet', { current_streak_months: 0, started_at: late }, 0.5],
  ])('%s', (_name, fields, share) => {
    expect(bonus(fields).share).toBe(share);
  });

  test('are promotions by name', () => {
    const { description, audit } = bonus({ tier: 'tier_49', current_streak_months: 2 });
    expect(description).toBe('Kilo Pass promo 50% bonus (tier_49, streak=2)');
    expect(audit).toEqual({
      bonusKind: 'promo-50pct',
      monthlyBonusDecision: {
        streakMonths: 2,
        startedAt: '2026-02-28T07:59:58.999Z',
        issueMonth: '2026-03-01',
        bonusPercentApplied: 0.5,
      },
    });
  });

  test('are ordinary ones when the promotion is over', () => {
    const { amount, description, audit } = bonus({
      tier: 'tier_49',
      current_streak_months: 2,
      started_at: late,
    });
    expect(amount).toBe(4_900_000);
    expect(description).toBe('Kilo Pass monthly bonus (tier_49, streak=2)');
    expect(audit).toMatchObject({ bonusKind: 'monthly-ramp' });
  });
});

test.each([
  ['tier_19', 9_500_000],
  ['tier_49', 24_500_000],
  ['tier_199', 99_500_000],
] as const)('a yearly %s gets half, whatever its streak', (tier, amount) => {
  const given = bonus({ cadence: 'yearly', tier, current_streak_months: 9 }, false);
  expect(given).toMatchObject({
    amount,
    share: 0.5,
    description: `Kilo Pass yearly monthly bonus (${tier}, 2026-03-01)`,
    audit: {},
  });
});

describe('a bonus lasts', () => {
  const expiryOf = (started_at: Instant | null, month: string) =>
    bonusOf({
      subscription: subscription({ started_at }),
      issueMonth: Month.parse(month),
      isFirstTimer: true,
    }).expiresAt;

  test('as long as the month of the subscription', () => {
    expect(expiryOf(at('2025-04-04T00:00:00Z'), '2025-04-01')).toBe(at('2025-05-04T00:00:00Z'));
  });

  test.each(['2025-04-04T12:34:56Z', '2025-01-31T00:00:00Z', '2024-02-29T00:00:00Z'])(
    'to the same day for five years, begun at %s',
    (iso) => {
      const start = at(iso);
      for (let months = 0; months < 60; months++) {
        const end = plusMonths(start, months + 1);
        expect(expiryOf(start, monthOf(plusMonths(start, months)))).toBe(end);
      }
    },
  );

  test('without end where nobody knows when the subscription began, or it begins later', () => {
    expect(expiryOf(null, '2026-03-01')).toBe(null);
    expect(expiryOf(at('2026-04-01T00:00:00Z'), '2026-03-01')).toBe(null);
  });

  test('to the next issue of a yearly one', () => {
    const next = at('2026-04-15T00:00:00Z');
    expect(bonus({ cadence: 'yearly', next_yearly_issue_at: next }).expiresAt).toBe(next);
    expect(bonus({ cadence: 'yearly' }).expiresAt).toBe(null);
  });
});

test.each([
  ['a month before the next issue', '2026-04-15T00:00:00Z', '2025-01-01T00:00:00Z', '2026-03-01'],
  ['across a year', '2026-01-15T00:00:00Z', null, '2025-12-01'],
  ['across a short month', '2026-03-31T00:00:00Z', null, '2026-02-01'],
  ['the first one', null, '2026-03-31T23:59:59Z', '2026-03-01'],
  ['none where it never began', null, null, null],
])('the month of a yearly subscription is %s', (_name, next, started, month) => {
  const yearly = subscription({
    cadence: 'yearly',
    next_yearly_issue_at: next === null ? null : at(next),
    started_at: started === null ? null : at(started),
  });
  expect(yearlyIssueMonth(yearly)).toBe(month);
});
