import { ExchangeId, OrganizationId, UserId, AnonymousId } from '@gateway/worker-utils/ids';
import { microUsdOf } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consequencesOf, type WriteResult, type Settled } from './consequences-of.ts';

const acme = OrganizationId.parse('11111111-1111-4111-8111-111111111111');
const settled: Settled = {
  id: ExchangeId.parse('0a11ce00-0000-4000-8000-000000000001'),
  at: Instant.parse(1_000),
  payer: UserId.parse('alice'),
  organization: null,
  cost: microUsdOf(0.25),
  model: 'm',
};
const landing: WriteResult = {
  landed: 'inserted',
  microdollars_used: settled.cost,
  kilo_pass_threshold: null,
  payer_balance: microUsdOf(10),
  auto_top_up_enabled: false,
  had_usage_before: false,
  cost_before: null,
  organization: null,
};
const eventsOf = (changes: Partial<Settled>, books: Partial<WriteResult>) =>
  consequencesOf({ ...settled, ...changes }, { ...landing, ...books }).map((consequence) =>
    consequence.kind === 'first-usage' ? consequence.milestone : consequence,
  );

const first = { event: 'first_usage' };
const firstPaid = (has_prior_free_usage: boolean) => ({
  event: 'first_microdollar_usage',
  has_prior_free_usage,
});

test.each<[string, Partial<Settled>, Partial<WriteResult>, readonly unknown[]]>([
  ['a first use that costs something is both milestones', {}, {}, [first, firstPaid(false)]],
  [
    'a first use of a free model is the first use alone',
    { cost: microUsdOf(0) },
    { microdollars_used: null },
    [first],
  ],
  ['the first paid use after free ones says so', {}, { had_usage_before: true }, [firstPaid(true)]],
  [
    'a cost that is learnt late is the first paid use',
    {},
    { landed: 'corrected', cost_before: microUsdOf(0) },
    [firstPaid(false)],
  ],
  [
    'what is learnt of a first paid use beside its cost is no milestone',
    {},
    { landed: 'corrected', cost_before: settled.cost },
    [],
  ],
  [
    'a balance from before the rows that are kept is no first use',
    {},
    { microdollars_used: microUsdOf(5) },
    [],
  ],
  ['a later use is none', {}, { microdollars_used: microUsdOf(5), had_usage_before: true }, []],
  ['a replay is none', {}, { landed: 'unchanged', microdollars_used: null }, []],
  ['use of an organisation is none', { organization: acme }, { microdollars_used: null }, []],
  [
    'use without an account is none',
    { payer: AnonymousId.parse('anon:1'), cost: microUsdOf(0) },
    { microdollars_used: null },
    [],
  ],
])('%s', (_name, changes, books, events) => {
  expect(eventsOf(changes, books)).toEqual(events);
});

test('grants the Kilo Pass bonus when at most a dollar of the month remains', () => {
  const bonusAt = (used: number, changes: Partial<Settled> = {}) =>
    consequencesOf(
      { ...settled, ...changes },
      {
        ...landing,
        had_usage_before: true,
        cost_before: null,
        microdollars_used: microUsdOf(used),
        kilo_pass_threshold: microUsdOf(19),
      },
    );
  const bonus = [{ kind: 'kilo-pass-bonus', exchange: settled.id, user: 'alice' }];
  expect(bonusAt(18)).toEqual(bonus);
  expect(bonusAt(25)).toEqual(bonus);
  expect(bonusAt(17.999999)).toEqual([]);
  expect(bonusAt(18, { cost: microUsdOf(0) })).toEqual([]);
  expect(bonusAt(18, { organization: acme })).toEqual([]);
});

test.each([
  ['a user', {}, 4.99, 'user', 'alice'],
  ['an organisation', { organization: acme }, 49.99, 'organization', acme],
] as const)(
  'more is bought for %s who wants it, below the limit',
  (_name, changes, usd, kind, id) => {
    const bought = (settlement: Partial<Settled>, books: Partial<WriteResult>) =>
      consequencesOf(
        { ...settled, ...changes, ...settlement },
        {
          ...landing,
          had_usage_before: true,
          cost_before: null,
          microdollars_used: null,
          auto_top_up_enabled: true,
          ...books,
        },
      );
    const low = { payer_balance: microUsdOf(usd) };
    expect(bought({}, low)).toEqual([
      { kind: 'auto-top-up', exchange: settled.id, owner: { kind, id }, at: settled.at },
    ]);
    expect(bought({}, { payer_balance: microUsdOf(usd + 0.01) })).toEqual([]);
    expect(bought({}, { ...low, auto_top_up_enabled: false })).toEqual([]);
    expect(bought({}, { ...low, landed: 'unchanged' })).toHaveLength(1);
    expect(bought({ cost: microUsdOf(0) }, low)).toEqual([]);
    expect(bought({}, { payer_balance: null })).toEqual([]);
  },
);

const books = (
  before: number,
  after: number,
  minimum: number | null,
): WriteResult['organization'] => ({
  balance_before: microUsdOf(before),
  balance_after: microUsdOf(after),
  minimum_balance: minimum,
  minimum_balance_alert_email: ['boss@example.com'],
});
const mails = (organization: WriteResult['organization']) =>
  consequencesOf(
    { ...settled, organization: acme },
    { ...landing, microdollars_used: null, organization },
  );

test.each([
  [10, 9.999999, 10],
  [10.1, 10.099999, 10.1],
  [10, -5, 3],
])('a balance from %f to %f falls below %f', (before, after, minimum) => {
  expect(mails(books(before, after, minimum))).toEqual([
    {
      kind: 'low-balance-mail',
      exchange: settled.id,
      organization: acme,
      minimumBalance: minimum,
      recipients: ['boss@example.com'],
    },
  ]);
});

test.each([
  [11, 10, 10],
  [9, 8, 10],
  [10, 9, 0],
  [10, 9, null],
  [10, 9, Infinity],
])('a balance from %f to %f does not fall below %f', (before, after, minimum) => {
  expect(mails(books(before, after, minimum))).toEqual([]);
});

test('a falling balance crosses its minimum once', () => {
  const costs = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(costs, fc.integer({ min: 1, max: 20_000_000 }), (spent, minimum) => {
      let balance = 20_000_000;
      const sent = spent.flatMap((cost) => {
        const before = balance;
        balance -= cost;
        return mails(books(before / 1e6, balance / 1e6, minimum / 1e6));
      });
      expect(sent).toHaveLength(balance < minimum ? 1 : 0);
    }),
  );
});
