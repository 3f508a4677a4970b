import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CreditAccount, expireCredits, type ExpiringCredit } from './expire-credits.ts';

/** Id, day of 2024, baseline, amount. */
type Lot = readonly [id: string, day: string, baseline: number | null, amount: number];

const at = (day: string): Instant => Instant.parse(Date.parse(`2024-${day}T00:00:00Z`));
const cutOff = at('01-15');

const credit = ([id, day, baseline, amount]: Lot): ExpiringCredit => ({
  id,
  amount_microdollars: MicroUsd.parse(amount),
  expiration_baseline_microdollars_used: baseline === null ? null : MicroUsd.parse(baseline),
  description: 'Promo credits',
  is_free: true,
  expiry_date: at(day),
});
const owner = { kind: 'user', id: UserId.parse('user-1') } as const;
const account = (used: number, ...lots: readonly Lot[]): CreditAccount => ({
  owner,
  acquired: MicroUsd.parse(100_000),
  used: MicroUsd.parse(used),
  credits: lots.map(credit),
});

/** What a case is compared by: taken back and moved up, by id, and when to look again. */
function outcome(used: number, ...lots: readonly Lot[]) {
  const expiry = expireCredits(account(used, ...lots), cutOff);
  return {
    taken: expiry.transactions.map((entry) => [
      entry.original_transaction_id,
      entry.amount_microdollars,
    ]),
    baselines: Object.fromEntries(expiry.baselines.map(({ id, baseline }) => [id, baseline])),
    next: expiry.nextExpiryAt,
  };
}

describe('one lot of credits', () => {
  test('is left alone before its time', () => {
    const expiry = expireCredits(account(500, ['t1', '02-01', 0, 1000]), cutOff);
    expect(expiry).toEqual({
      transactions: [],
      baselines: [],
      acquired: 100_000,
      nextExpiryAt: at('02-01'),
    });
  });

  test.each([
    ['unused, is taken back whole', 0, -1000],
    ['used up, is taken back as an entry of nothing', 1500, 0],
    ['used in part, loses the rest', 400, -600],
  ])('%s', (_name, used, taken) => {
    expect(outcome(used, ['t1', '01-10', 0, 1000])).toEqual({
      taken: [['t1', taken]],
      baselines: {},
      next: null,
    });
  });

  test('expires at its very instant, and counts from 0 where no baseline was noted', () => {
    expect(outcome(400, ['t1', '01-15', null, 1000]).taken).toEqual([['t1', -600]]);
  });

  test('leaves a transaction that says where it comes from', () => {
    const { transactions, acquired } = expireCredits(
      account(400, ['t1', '01-10', 0, 1000]),
      cutOff,
    );
    expect(acquired).toBe(99_400);
    expect(transactions).toEqual([
      {
        kilo_user_id: 'user-1',
        organization_id: null,
        amount_microdollars: -600,
        credit_category: 'credits_expired',
        original_transaction_id: 't1',
        original_baseline_microdollars_used: 400,
        description: 'Expired: Promo credits',
        is_free: true,
        created_at: at('01-10'),
      },
    ]);
  });

  test('without a description, or paid for, is described as such', () => {
    const paid = { ...credit(['t1', '01-10', 0, 1000]), description: null, is_free: false };
    const { transactions } = expireCredits({ ...account(0), credits: [paid] }, cutOff);
    expect(transactions).toMatchObject([{ description: 'Expired: ', is_free: false }]);
  });

  test('of an organisation is taken back by nobody in particular', () => {
    const id = OrganizationId.parse('11111111-1111-4111-8111-111111111111');
    const { transactions } = expireCredits(
      { ...account(0, ['t1', '01-10', 0, 1000]), owner: { kind: 'organization', id } },
      cutOff,
    );
    expect(transactions).toMatchObject([{ kilo_user_id: 'system', organization_id: id }]);
  });
});

type Case = {
  readonly name: string;
  readonly used: number;
  readonly lots: readonly Lot[];
  readonly taken: readonly (readonly [string, number])[];
  readonly baselines: Readonly<Record<string, number>>;
};
const outOfOrder: readonly Lot[] = [
  ['t1', '01-14', 1000, 1000],
  ['t2', '01-10', 1200, 2000],
  ['t3', '02-01', 1300, 500],
];

const cases: readonly Case[] = [
  {
    name: 'the same use is not counted for two lots',
    used: 500,
    lots: [
      ['t2', '01-12', 300, 2000],
      ['t1', '01-10', 0, 1000],
    ],
    taken: [
      ['t1', -500],
      ['t2', -2000],
    ],
    baselines: { t2: 500 },
  },
  {
    name: 'a chain of lots moves up lot by lot',
    used: 4000,
    lots: [
      ['t1', '01-10', 0, 1000],
      ['t2', '01-12', 100, 2000],
      ['t3', '01-14', 300, 6000],
      ['t4', '01-24', 500, 3000],
    ],
    taken: [
      ['t1', 0],
      ['t2', 0],
      ['t3', -5000],
    ],
    baselines: { t2: 1000, t3: 3000, t4: 4000 },
  },
  {
    name: 'lots that do not overlap stay where they are',
    used: 16_000,
    lots: [
      ['t1', '01-10', 14_000, 1000],
      ['t2', '01-12', 15_500, 2000],
    ],
    taken: [
      ['t1', 0],
      ['t2', -1500],
    ],
    baselines: {},
  },
  {
    name: 'lots that are still valid move up too',
    used: 700,
    lots: [
      ['t1', '01-10', 0, 1000],
      ['t2', '01-20', 200, 2000],
      ['t3', '02-01', 300, 500],
    ],
    taken: [['t1', -300]],
    baselines: { t2: 700, t3: 700 },
  },
  {
    name: 'only those that overlap move up',
    used: 1700,
    lots: [
      ['t1', '01-10', 0, 1000],
      ['t2', '01-20', 600, 2000],
      ['t3', '02-01', 1200, 500],
    ],
    taken: [['t1', 0]],
    baselines: { t2: 1000 },
  },
  {
    name: 'the lot with the higher baseline may expire first',
    used: 1700,
    lots: outOfOrder,
    taken: [
      ['t2', -1500],
      ['t1', -800],
    ],
    baselines: { t1: 1500, t3: 1700 },
  },
  {
    name: 'the lot that is still valid may have the lowest baseline',
    used: 1700,
    lots: [
      ['t1', '02-01', 700, 500],
      ['t2', '01-10', 1200, 2000],
      ['t3', '01-14', 1000, 1000],
    ],
    taken: [
      ['t2', -1500],
      ['t3', -800],
    ],
    baselines: { t1: 1400, t3: 1500 },
  },
  {
    name: 'of three that expire, the second takes what the first left',
    used: 1700,
    lots: [...outOfOrder, ['t4', '01-12', 1100, 2000]],
    taken: [
      ['t2', -1500],
      ['t4', -1900],
      ['t1', -900],
    ],
    baselines: { t4: 1600, t1: 1600, t3: 1700 },
  },
  {
    name: 'of three that expire, the second finds nothing left',
    used: 1700,
    lots: [...outOfOrder, ['t4', '01-12', 1400, 2000]],
    taken: [
      ['t2', -1500],
      ['t4', -2000],
      ['t1', -800],
    ],
    baselines: { t4: 1700, t1: 1500, t3: 1700 },
  },
  {
    name: 'a lot moves up into the room above it',
    used: 15,
    lots: [
      ['t1', '01-14', 4, 10],
      ['t2', '01-10', 10, 5],
    ],
    taken: [
      ['t2', 0],
      ['t1', -4],
    ],
    baselines: { t1: 9 },
  },
  {
    name: 'two lots share the room above them',
    used: 15,
    lots: [
      ['t1', '01-12', 2, 3],
      ['t2', '01-14', 4, 10],
      ['t3', '01-10', 10, 5],
    ],
    taken: [
      ['t3', 0],
      ['t1', 0],
      ['t2', -5],
    ],
    baselines: { t1: 7, t2: 10 },
  },
];

test.each(cases)('$name', ({ used, lots, taken, baselines }) => {
  expect(outcome(used, ...lots)).toMatchObject({ taken });
  expect(outcome(used, ...lots).baselines).toEqual(baselines);
});

const DAY_MS = 86_400_000;
const day = (n: number): Instant => Instant.parse(cutOff + n * DAY_MS);
const lots = fc.array(
  fc.record({
    amount: fc.nat(1000),
    baseline: fc.option(fc.nat(2000)),
    expiresOn: fc.nat(30),
  }),
  { maxLength: 12 },
);
const anyAccount = fc.record({ lots, used: fc.nat(4000) }).map((drawn): CreditAccount => ({
  ...account(drawn.used),
  credits: drawn.lots.map(({ amount, baseline, expiresOn }, index) => ({
    ...credit([`t${index}`, '01-01', baseline, amount]),
    expiry_date: day(expiresOn),
  })),
}));

/** What the database holds after a run: the next one starts from it. */
function after(before: CreditAccount, cutOffDay: Instant) {
  const expiry = expireCredits(before, cutOffDay);
  const gone = new Set(expiry.transactions.map((entry) => entry.original_transaction_id));
  const raised = new Map(expiry.baselines.map(({ id, baseline }) => [id, baseline]));
  const credits = before.credits
    .filter(({ id }) => !gone.has(id))
    .map((kept) => ({
      ...kept,
      expiration_baseline_microdollars_used:
        raised.get(kept.id) ?? kept.expiration_baseline_microdollars_used,
    }));
  return { expiry, raised, account: { ...before, acquired: expiry.acquired, credits } };
}

test('day by day, or in any other number of runs, takes back the same as one run', () => {
  const anySplit = fc.uniqueArray(fc.nat(29), { maxLength: 30 });
  fc.assert(
    fc.property(anyAccount, anySplit, (start, splits) => {
      const last = day(20);
      const whole = after(start, last);
      const days = [
        ...splits
          .filter((n) => n < 20)
          .toSorted((a, b) => a - b)
          .map(day),
        last,
      ];
      const transactions = [];
      const raised = new Map<string, number>();
      let state = start;
      for (const until of days) {
        const step = after(state, until);
        transactions.push(...step.expiry.transactions);
        for (const [id, baseline] of step.raised) raised.set(id, baseline);
        state = step.account;
      }
      expect(transactions).toEqual(whole.expiry.transactions);
      expect(raised).toEqual(whole.raised);
      expect(state).toEqual(whole.account);
      expect(expireCredits(state, last).nextExpiryAt).toEqual(whole.expiry.nextExpiryAt);
    }),
  );
});

test('never takes back more than was given, and counts no use twice', () => {
  fc.assert(
    fc.property(anyAccount, (start) => {
      const { transactions } = expireCredits(start, day(30));
      const given = new Map<string, number>(
        start.credits.map(({ id, amount_microdollars: n }) => [id, n]),
      );
      let used = 0;
      for (const entry of transactions) {
        const amount = given.get(entry.original_transaction_id) ?? 0;
        expect(entry.amount_microdollars).toBeLessThanOrEqual(0);
        expect(entry.amount_microdollars).toBeGreaterThanOrEqual(-amount);
        used += amount + entry.amount_microdollars;
      }
      expect(used).toBeLessThanOrEqual(start.used);
    }),
  );
});
