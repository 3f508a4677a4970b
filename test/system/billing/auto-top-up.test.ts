import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import {
  booksOf as readBooks,
  type Fields,
  newPayer as plantPayer,
  type Payer,
  spend as spendAs,
} from '../../support/payers.ts';
import { type Sink, startSink } from '../../support/sink.ts';
import { startStripe, type StripeStub } from '../../support/stripe.ts';
import { startWorld, type World } from '../../support/world.ts';

const KEY = 'sk_test_of_this_stack';

let stripe: StripeStub;
let mailer: Sink;
let world: World;
beforeAll(async () => {
  [stripe, mailer] = await Promise.all([startStripe(), startSink()]);
  world = await startWorld({
    STRIPE_BASE_URL: stripe.url,
    STRIPE_SECRET_KEY: KEY,
    CUSTOMERIO_BASE_URL: mailer.url,
    CUSTOMERIO_API_KEY: 'mail-key',
  });
});
afterAll(async () => {
  await world.stop();
  await Promise.all([stripe.close(), mailer.close()]);
});

const newPayer = (kind: Payer['kind'], fields: Fields) =>
  plantPayer(world.databaseUrl, kind, fields);
const spend = (payer: Payer, usd?: number) => spendAs(world, payer, usd);
const booksOf = (payer: Payer) => readBooks(world.databaseUrl, payer);
const chargesOf = ({ customer }: Payer) =>
  stripe.charges().filter((charge) => charge.customer === customer);
const callsOf = ({ customer }: Payer) =>
  stripe.calls().filter(({ parameters }) => parameters['customer'] === customer);
const paymentsOf = ({ id }: Payer) =>
  stripe.calls().filter(({ parameters }) => parameters['payment_method'] === `pm_${id}`);
const mailsTo = ({ email }: Payer) =>
  mailer
    .received()
    .filter(({ text }) => text.includes(email))
    .map(({ json }) => json);
const decided = (payer: Payer, outcome: string) =>
  eventually(
    () => world.workerLines.some((line) => line.includes(payer.id) && line.includes(outcome)),
    outcome,
  );
const off = (payer: Payer) =>
  eventually(async () => !(await booksOf(payer)).enabled, 'turning it off');
const bought = (payer: Payer) => eventually(() => chargesOf(payer).length > 0, 'the purchase');

describe.each([
  ['user', 5],
  ['organization', 50],
] as const)('the %s', (kind, limit) => {
  test('buys the amount it chose when a cent is missing to the limit', async () => {
    const payer = await newPayer(kind, { usd: limit - 0.01 });
    expect(await spend(payer)).toBe(200);
    await bought(payer);
    expect(chargesOf(payer)).toEqual([
      {
        customer: payer.customer,
        cents: 2_500,
        paymentMethod: `pm_${payer.id}`,
        metadata:
          kind === 'user'
            ? { type: 'auto-topup', kiloUserId: payer.id }
            : { type: 'org-auto-topup', organizationId: payer.id },
      },
    ]);
    const [invoice, item] = callsOf(payer);
    expect(invoice).toMatchObject({
      path: '/v1/invoices',
      authorization: `Bearer ${KEY}`,
      parameters: { auto_advance: 'false', description: 'Kilo automatic top up' },
    });
    expect(item).toMatchObject({ path: '/v1/invoiceitems', parameters: { currency: 'usd' } });
    // Until whoever hears of the payment has credited it, nothing else is bought.
    await spend(payer, 0.01);
    const { enabled, attempt, reason } = await booksOf(payer);
    expect({ enabled, reason }).toEqual({ enabled: true, reason: null });
    expect(invoice?.key).toContain(`:${attempt?.getTime()}:`);
    expect(chargesOf(payer)).toHaveLength(1);
  });

  test('buys when a request takes it below the limit', async () => {
    const payer = await newPayer(kind, { usd: limit });
    expect(await spend(payer, 0.01)).toBe(200);
    await bought(payer);
    expect(chargesOf(payer)).toHaveLength(1);
  });

  test('that is refused for want of credits buys some', async () => {
    const payer = await newPayer(kind, { usd: 0 });
    expect(await spend(payer)).toBe(402);
    await bought(payer);
  });

  test('buys once, of however many requests at once', async () => {
    const payer = await newPayer(kind, { usd: limit - 1 });
    await Promise.all(Array.from({ length: 12 }, () => spend(payer, 0.001)));
    await bought(payer);
    await spend(payer);
    expect(chargesOf(payer)).toHaveLength(1);
  });

  test('is charged once where the answer to the payment was lost', async () => {
    const payer = await newPayer(kind, { usd: 1, customer: 'cus_lost' });
    await spend(payer);
    await bought(payer);
    await eventually(() => paymentsOf(payer).length > 1, 'another try');
    expect(new Set(paymentsOf(payer).map(({ key }) => key)).size).toBe(1);
    expect(chargesOf(payer)).toHaveLength(1);
    expect(await booksOf(payer)).toMatchObject({ enabled: true, reason: null });
  });

  test('is charged once where Stripe was away in the middle of it', async () => {
    const payer = await newPayer(kind, { usd: limit, customer: 'cus_recovers' });
    // Only the settlement finds the balance low, and only its attempt is made again.
    await spend(payer, 0.01);
    await bought(payer);
    const payments = paymentsOf(payer);
    expect(payments.length).toBeGreaterThan(3);
    expect(new Set(payments.map(({ key }) => key)).size).toBe(1);
    expect(chargesOf(payer)).toHaveLength(1);
  });

  test.each([
    ['cus_declined', 'insufficient_funds'],
    ['cus_unknown', 'unknown_error'],
  ])('of whom Stripe takes nothing (%s) buys no more, and is told', async (customer, reason) => {
    const payer = await newPayer(kind, { usd: 1, customer });
    await spend(payer);
    await off(payer);
    await eventually(async () => (await booksOf(payer)).attempt === null, 'letting go');
    expect(await booksOf(payer)).toEqual({ enabled: false, attempt: null, reason });
    await eventually(() => mailsTo(payer).length > 0, 'the mail');
    expect(mailsTo(payer)).toMatchObject([
      { transactional_message_id: '17', to: payer.email, message_data: { reason } },
    ]);
  });

  test('whose payment is still open buys no more until it is known', async () => {
    const payer = await newPayer(kind, { usd: 1, customer: 'cus_open' });
    await spend(payer);
    await off(payer);
    const { attempt, ...books } = await booksOf(payer);
    expect(books).toEqual({ enabled: false, reason: 'unexpected_status_open' });
    expect(attempt).not.toBe(null);
  });

  test('stays as it is while Stripe is away', async () => {
    const payer = await newPayer(kind, { usd: 1, customer: 'cus_away' });
    expect(await spend(payer)).toBe(200);
    await eventually(() => callsOf(payer).length >= 3, 'the last try');
    const { attempt, ...books } = await booksOf(payer);
    expect(books).toEqual({ enabled: true, reason: null });
    expect(attempt).not.toBe(null);
    expect(mailsTo(payer)).toEqual([]);
  });

  test('without a saved way to pay buys no more', async () => {
    const payer = await newPayer(kind, { usd: 1, hasConfig: false });
    await spend(payer);
    await off(payer);
    await eventually(() => mailsTo(payer).length > 0, 'the mail');
    expect(mailsTo(payer)).toMatchObject([{ message_data: { reason: 'no_payment_method_saved' } }]);
    expect(callsOf(payer)).toEqual([]);
  });

  test('whom Stripe does not know buys no more', async () => {
    const payer = await newPayer(kind, { usd: 1, customer: '' });
    await spend(payer);
    await off(payer);
    await eventually(async () => (await booksOf(payer)).attempt === null, 'letting go');
    expect(await booksOf(payer)).toMatchObject({ reason: 'no_stripe_customer' });
  });

  test('that is buying already buys nothing more', async () => {
    const attemptStartedAt = new Date().toISOString();
    const payer = await newPayer(kind, { usd: 1, attemptStartedAt });
    await spend(payer);
    await decided(payer, 'concurrent_attempt_in_progress');
    expect(callsOf(payer)).toEqual([]);
    expect(await booksOf(payer)).toEqual({
      enabled: true,
      attempt: new Date(attemptStartedAt),
      reason: null,
    });
  });

  test.each<[string, Fields]>([
    ['at the limit', { usd: limit }],
    ['that did not ask for it', { usd: 1, isEnabled: false }],
  ])('%s buys nothing', async (_name, fields) => {
    const payer = await newPayer(kind, fields);
    const before = await booksOf(payer);
    await spend(payer);
    // Somebody who does buy, a request later: what the first request started is over by then, or about to be.
    const other = await newPayer(kind, { usd: 1 });
    await spend(other);
    await bought(other);
    expect(callsOf(payer)).toEqual([]);
    expect(await booksOf(payer)).toEqual(before);
  });

  test('whose attempt was given up two hours ago buys', async () => {
    const attemptStartedAt = new Date(Date.now() - 7_201_000).toISOString();
    const payer = await newPayer(kind, { usd: 1, attemptStartedAt });
    await spend(payer);
    await bought(payer);
  });
});

test.each([
  ['a user who is blocked', { blocked_reason: 'abuse' }],
  ['a token that was revoked', { api_token_pepper: 'another' }],
])('nothing is bought for %s', async (_name, fields) => {
  const payer = await newPayer('user', { usd: 1, ...fields });
  expect(await spend(payer)).toBe(401);
  const other = await newPayer('user', { usd: 1 });
  await spend(other);
  await bought(other);
  expect(callsOf(payer)).toEqual([]);
  expect(await booksOf(payer)).toEqual({ enabled: true, attempt: null, reason: null });
});

test('neither the key nor a payment method reaches a log', () => {
  const lines = world.workerLines.join();
  expect(lines).toContain('auto top-up');
  expect(lines).not.toContain(KEY);
  expect(lines).not.toContain('pm_');
});

test('the holder of a Kilo Pass waits for the bonus, and buys when it has come', async () => {
  const payer = await newPayer('user', { usd: 1 });
  const [subscription, issuance] = [randomUUID(), randomUUID()];
  const [base, bonus] = [randomUUID(), randomUUID()];
  const item = (kind: string, credit: string) => ({
    kilo_pass_issuance_id: issuance,
    kind,
    credit_transaction_id: credit,
    amount_usd: '1.00',
  });
  await plant(world.databaseUrl, {
    kilo_pass_subscriptions: [
      {
        id: subscription,
        kilo_user_id: payer.id,
        stripe_subscription_id: subscription,
        tier: 'tier_19',
        cadence: 'monthly',
        status: 'active',
      },
    ],
    kilo_pass_issuances: [
      {
        id: issuance,
        kilo_pass_subscription_id: subscription,
        issue_month: '2026-03-01',
        source: 'cron',
      },
    ],
    credit_transactions: [base, bonus].map((id) => ({
      id,
      kilo_user_id: payer.id,
      amount_microdollars: 1,
      is_free: true,
    })),
    kilo_pass_issuance_items: [item('base', base)],
  });
  await spend(payer);
  await decided(payer, 'waits-for-bonus');
  expect(await booksOf(payer)).toMatchObject({ attempt: null });
  expect(callsOf(payer)).toEqual([]);

  await plant(world.databaseUrl, { kilo_pass_issuance_items: [item('bonus', bonus)] });
  await spend(payer, 0.01);
  await bought(payer);
});

test('a purchase that is cut off by a crash, when the money was taken, is gone on with and taken once', async () => {
  const payer = await newPayer('user', { usd: 5, customer: 'cus_hangs' });
  await spend(payer, 0.01);
  await bought(payer);
  await world.kill('workerd');
  await decided(payer, 'paid');
  const payments = paymentsOf(payer);
  expect(payments.length).toBeGreaterThan(1);
  expect(new Set(payments.map(({ key }) => key)).size).toBe(1);
  expect(chargesOf(payer)).toHaveLength(1);
  expect(await booksOf(payer)).toMatchObject({ enabled: true, reason: null });
});
