import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { currentSubscription, lifeOf, type Subscription } from './subscription.ts';

const subscription = (fields: Partial<Subscription>): Subscription => ({
  id: '44444444-4444-4444-8444-444444444441',
  tier: 'tier_19',
  cadence: 'monthly',
  status: 'active',
  cancel_at_period_end: false,
  started_at: null,
  created_at: Instant.parse(0),
  current_streak_months: 1,
  next_yearly_issue_at: null,
  ...fields,
});
const since = (started: number) => ({ started_at: Instant.parse(started) });

test('without a subscription there is none', () => {
  expect(currentSubscription([])).toBe(null);
});

test('the liveliest counts, however they are ordered', () => {
  const ranked = [
    subscription(since(0)),
    subscription({ cancel_at_period_end: true, ...since(9) }),
    ...['trialing', 'past_due', 'paused', 'incomplete', 'unpaid', 'something new'].map((status) =>
      subscription({ status, ...since(9) }),
    ),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(ranked, { minLength: 1 }), (some) => {
      const best = ranked.find((one) => some.includes(one));
      expect(currentSubscription(some)).toBe(best);
    }),
  );
});

test('of two active ones the one that began last counts', () => {
  const [older, newer] = [subscription(since(1)), subscription(since(2))];
  expect(currentSubscription([older, newer])).toBe(newer);
  expect(currentSubscription([newer, older])).toBe(newer);
});

test('one that never began is as old as its row', () => {
  const unstarted = subscription({ created_at: Instant.parse(5) });
  expect(currentSubscription([subscription(since(4)), unstarted])).toBe(unstarted);
  expect(currentSubscription([unstarted, subscription(since(6))])?.started_at).toBe(6);
});

test('all that ended are equal, and the last of them counts', () => {
  const canceled = subscription({ status: 'canceled', ...since(3) });
  const expired = subscription({ status: 'incomplete_expired', ...since(2) });
  expect(currentSubscription([expired, canceled])).toBe(canceled);
});

test.each([
  ['active', 'active'],
  ['trialing', 'interrupted'],
  ['past_due', 'interrupted'],
  ['paused', 'interrupted'],
  ['incomplete', 'interrupted'],
  ['canceled', 'ended'],
  ['unpaid', 'ended'],
  ['incomplete_expired', 'ended'],
  ['something new', 'ended'],
])('one that is %s is %s', (status, life) => {
  expect(lifeOf(subscription({ status }))).toBe(life);
});
