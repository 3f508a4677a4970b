import { UserId } from '@gateway/worker-utils/ids';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { type Fields, holdersIn, MARCH, USED } from '../test-kilo-pass.ts';

let url: string;
let holders: ReturnType<typeof holdersIn>;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  holders = holdersIn(url);
});

test('a month that was used up gets its bonus, with all its rows', async () => {
  const holder = await holders.newHolder();
  expect(await holders.issued(holder)).toMatchObject({
    kind: 'issued',
    bonus: { amount: 7_350_000 },
  });
  const [bonus, ...others] = await holders.bonusesOf(holder);
  expect(others).toEqual([]);
  const expiry = new Date('2026-04-15T10:00:00.123Z');
  expect(bonus).toMatchObject({
    amount_microdollars: 7_350_000,
    is_free: true,
    description: 'Kilo Pass monthly bonus (tier_49, streak=3)',
    expiry_date: expiry,
    expiration_baseline_microdollars_used: USED,
    original_baseline_microdollars_used: USED,
    organization_id: null,
    check_category_uniqueness: false,
  });
  expect(await holders.itemsOf(holder)).toEqual([
    {
      issue_month: MARCH,
      kind: 'bonus',
      amount_usd: 7.35,
      bonus_percent_applied: 0.15,
      credit_transaction_id: bonus?.['id'],
    },
  ]);
  expect(await holders.auditOf(holder)).toMatchObject([
    {
      kilo_pass_subscription_id: holder.subscription,
      related_credit_transaction_id: bonus?.['id'],
      action: 'bonus_credits_issued',
      result: 'success',
      payload_json: {
        kind: 'bonus',
        baseAmountUsd: 49,
        bonusPercentApplied: 0.15,
        bonusAmountUsd: 7.35,
        creditCategory: 'kilo-pass-bonus',
        bonusKind: 'monthly-ramp',
        monthlyBonusDecision: { streakMonths: 3, issueMonth: MARCH, bonusPercentApplied: 0.15 },
      },
    },
  ]);
  expect(await holders.userOf(holder)).toMatchObject({
    total_microdollars_acquired: 26_350_000,
    microdollars_used: USED,
    kilo_pass_threshold: null,
    next_credit_expiration_at: expiry,
  });
});

test('a month whose credits are not used up yet gets nothing, and waits', async () => {
  const holder = await holders.newHolder({ user: { microdollars_used: 17_999_999 } });
  expect(await holders.issued(holder)).toEqual({ kind: 'not-due' });
  expect(await holders.userOf(holder)).toMatchObject({ kilo_pass_threshold: 19_000_000 });
  expect(await holders.issued({ user: UserId.parse('nobody'), subscription: '' })).toEqual({
    kind: 'not-due',
  });
});

test('the next month, once its credits were issued, gets a bonus of its own', async () => {
  const holder = await holders.newHolder();
  await holders.issued(holder);
  await holders.issue(holder, { issue_month: '2026-04-01', kinds: ['base'] });
  await holders.raise(holder, USED);
  expect(await holders.issued(holder)).toMatchObject({ kind: 'issued' });
  expect(await holders.itemsOf(holder)).toMatchObject([
    { issue_month: MARCH, kind: 'bonus' },
    { issue_month: '2026-04-01', kind: 'bonus' },
  ]);
});

test('credits that expire sooner keep their place', async () => {
  const sooner = '2026-04-01T00:00:00.000Z';
  const holder = await holders.newHolder({ user: { next_credit_expiration_at: sooner } });
  await holders.issued(holder);
  expect(await holders.userOf(holder)).toMatchObject({
    next_credit_expiration_at: new Date(sooner),
  });
});

test('a bonus that does not expire has no baseline to expire from', async () => {
  const holder = await holders.newHolder({ subscription: { started_at: 'infinity' } });
  await holders.issued(holder);
  expect(await holders.bonusesOf(holder)).toMatchObject([
    {
      expiry_date: null,
      expiration_baseline_microdollars_used: null,
      original_baseline_microdollars_used: USED,
    },
  ]);
  expect(await holders.userOf(holder)).toMatchObject({ next_credit_expiration_at: null });
});

describe('the first months', () => {
  const month2 = { current_streak_months: 2 };

  test.each([
    ['month 1', { current_streak_months: 1 }, 24_500_000],
    ['month 2 of who began in time', month2, 24_500_000],
    ['month 2 at the cut-off', { ...month2, started_at: '2026-02-28T07:59:59Z' }, 4_900_000],
    ['month 2 after it', { ...month2, started_at: '2026-03-05T00:00:00Z' }, 4_900_000],
  ])('%s', async (_name, subscription, amount) => {
    const holder = await holders.newHolder({ subscription });
    expect(await holders.issued(holder)).toMatchObject({ bonus: { amount } });
    // Half of a promotion is a bonus too.
    expect(await holders.itemsOf(holder)).toMatchObject([{ kind: 'bonus' }]);
  });

  test('of a second Kilo Pass are ordinary months', async () => {
    const holder = await holders.newHolder({ subscription: { current_streak_months: 1 } });
    await plant(url, {
      kilo_pass_subscriptions: [
        {
          kilo_user_id: holder.user,
          stripe_subscription_id: crypto.randomUUID(),
          tier: 'tier_19',
          cadence: 'monthly',
          status: 'canceled',
        },
      ],
    });
    expect(await holders.issued(holder)).toMatchObject({ bonus: { amount: 2_450_000 } });
  });
});

describe('a yearly Kilo Pass', () => {
  const yearly = { cadence: 'yearly', tier: 'tier_19', next_yearly_issue_at: '2026-04-15T00:00Z' };

  test('gets half for the month that was issued last, until the next one', async () => {
    const holder = await holders.newHolder({
      subscription: yearly,
      months: { '2026-02-01': ['base'], [MARCH]: ['base'] },
    });
    expect(await holders.issued(holder)).toMatchObject({ bonus: { amount: 9_500_000 } });
    expect(await holders.itemsOf(holder)).toMatchObject([
      { issue_month: MARCH, kind: 'bonus', bonus_percent_applied: 0.5 },
    ]);
    expect(await holders.bonusesOf(holder)).toMatchObject([
      { expiry_date: new Date('2026-04-15T00:00:00Z') },
    ]);
  });

  test('gets half in its first month, which its invoice issued', async () => {
    const holder = await holders.newHolder({
      subscription: { ...yearly, next_yearly_issue_at: null, started_at: '2026-03-31T23:00Z' },
    });
    expect(await holders.issued(holder)).toMatchObject({
      bonus: { amount: 9_500_000, expiresAt: null },
    });
  });

  test.each([
    ['whose month was not issued', { ...yearly, next_yearly_issue_at: '2026-05-15T00:00Z' }],
    ['that never began', { ...yearly, next_yearly_issue_at: null, started_at: null }],
  ])('%s gets nothing, and no empty issuance', async (_name, subscription) => {
    const holder = await holders.newHolder({ subscription });
    expect(await holders.issued(holder)).toEqual({ kind: 'nothing-to-issue' });
    expect(await holders.userOf(holder)).toMatchObject({ kilo_pass_threshold: null });
    const text = `select issue_month::text from kilo_pass_issuances where kilo_pass_subscription_id = $1`;
    expect(await holders.rowsOf(text, holder.subscription)).toEqual([{ issue_month: MARCH }]);
  });
});

describe('nothing is issued, and the threshold is cleared, for a Kilo Pass', () => {
  test.each<[string, Fields]>([
    ['that ended', { subscription: { status: 'canceled' } }],
    ['of which nothing was issued', { months: {} }],
    ['whose newest month has no base', { months: { '2026-02-01': ['base'], [MARCH]: [] } }],
  ])('%s', async (_name, fields) => {
    const holder = await holders.newHolder(fields);
    expect(await holders.issued(holder)).toEqual({ kind: 'nothing-to-issue' });
    expect(await holders.bonusesOf(holder)).toEqual([]);
    expect(await holders.userOf(holder)).toMatchObject({
      kilo_pass_threshold: null,
      total_microdollars_acquired: 19_000_000,
    });
  });

  test.each(['bonus', 'promo_first_month_50pct'])('that got its %s', async (kind) => {
    const holder = await holders.newHolder({ months: { [MARCH]: ['base', kind] } });
    expect(await holders.issued(holder)).toEqual({ kind: 'already-issued' });
    expect(await holders.bonusesOf(holder)).toEqual([]);
    expect(await holders.userOf(holder)).toMatchObject({ kilo_pass_threshold: null });
  });
});
