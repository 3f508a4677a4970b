import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd, zeroMicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import type { OrganizationContext, Snapshot } from '../exchange/caller.ts';
import { spendableOf } from './spendable.ts';

const person = {
  id: UserId.parse('user'),
  email: 'user@example.com',
  tokenPepper: null,
  isBlocked: false,
  wantsTopUp: false,
};
const snapshot = (
  user: Readonly<Record<'used' | 'acquired', number>>,
  organization: OrganizationContext | null = null,
): Snapshot => ({
  user: { ...person, used: MicroUsd.parse(user.used), acquired: MicroUsd.parse(user.acquired) },
  organization,
  ownKeys: [],
  readAt: Instant.parse(0),
  customLlms: [],
});

test.each([
  [2_000_000, 500_000, 1_500_000],
  [0, 0, 0],
  [1_000_000, 1_500_000, -500_000],
])('a user who acquired %d and used %d has %d', (acquired, used, left) => {
  expect(spendableOf(snapshot({ acquired, used }))).toBe(left);
});

type Terms = {
  readonly acquired: number;
  readonly used?: number;
  readonly seats?: boolean;
  readonly limit?: number;
  readonly today?: number;
};

/** Whoever asks is rich by themselves: that must never count. */
const organized = ({ acquired, used = 0, seats = false, limit, today = 0 }: Terms): Snapshot =>
  snapshot(
    { acquired: 1_000_000_000, used: 0 },
    {
      id: OrganizationId.parse('11111111-1111-4111-8111-111111111111'),
      role: 'member',
      acquired: MicroUsd.parse(acquired),
      used: MicroUsd.parse(used),
      wantsTopUp: false,
      hasSeats: seats,
      dailyLimit: limit === undefined ? null : MicroUsd.parse(limit),
      usedToday: today === 0 ? zeroMicroUsd : MicroUsd.parse(today),
      plan: 'teams',
      settings: { modelAllowList: [], providerAllowList: [], dataCollection: null },
    },
  );

test.each<[string, Terms, number]>([
  ['without a limit: what the organisation has', { acquired: 100_000 }, 100_000],
  ['a limit of which nothing is used', { acquired: 100_000, limit: 50_000 }, 50_000],
  ['one that is used in part', { acquired: 100_000, limit: 50_000, today: 30_000 }, 20_000],
  ['one that is used up', { acquired: 100_000, limit: 50_000, today: 50_000 }, 0],
  ['one that is exceeded', { acquired: 100_000, limit: 50_000, today: 60_000 }, -10_000],
  ['a limit of 0 allows nothing', { acquired: 100_000, limit: 0 }, 0],
  ['with seats, limits do not count', { acquired: 100_000, limit: 0, seats: true }, 100_000],
  ['never more than the organisation has', { acquired: 20_000, limit: 50_000 }, 20_000],
  ['nor, with use', { acquired: 15_000, limit: 50_000, today: 10_000 }, 15_000],
  ['an organisation in debt', { acquired: 0, used: 10_000, limit: 50_000 }, -10_000],
  ['a limit below all of it', { acquired: 100_000, limit: 20_000, today: 5_000 }, 15_000],
  ['an organisation that has used all', { acquired: 70_000, used: 70_000 }, 0],
])('a member has %s', (_name, terms, left) => {
  expect(spendableOf(organized(terms))).toBe(left);
});
