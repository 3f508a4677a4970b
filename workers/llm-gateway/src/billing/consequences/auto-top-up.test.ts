import { UserId } from '@gateway/worker-utils/ids';
import type { Log } from '@gateway/worker-utils/json-log';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type Attempt, autoTopUpOf, type Charge, type Charged } from './auto-top-up.ts';

const now = Instant.parse(1_790_000_000_000);
const attempt: Attempt = {
  owner: { kind: 'user', id: UserId.parse('alice') },
  startedAt: now,
};
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Books with one config, a till that remembers what it took for which key, and a clock that stands still. */
function house(charged: Charged | Error, { isConfigured = true, passedMs = 0 } = {}) {
  const taken = new Map<string, number>();
  const mails: string[] = [];
  const state = { isHeld: false, reason: '', mails, taken };
  const charge: Charge = ({ key, amountCents }) => {
    if (charged instanceof Error) return Promise.reject(charged);
    if (charged.kind === 'paid') taken.set(key, amountCents);
    return Promise.resolve(charged);
  };
  const topUp = autoTopUpOf({
    books: {
      begin() {
        state.isHeld = true;
        const config = { id: 'config', paymentMethod: 'pm_1', amountCents: 5_000 };
        return Promise.resolve({ kind: 'charge', customer: 'cus_1', config });
      },
      release() {
        state.isHeld = false;
        return Promise.resolve();
      },
      turnOff(_owner, reason) {
        state.reason = reason;
        return Promise.resolve(['alice@example.com']);
      },
    },
    charge: () => Promise.resolve(isConfigured ? charge : null),
    mail({ recipients, reason }) {
      state.mails.push(...recipients.map((recipient) => `${recipient}: ${reason}`));
      return Promise.resolve();
    },
    clock: { now: () => Instant.parse(now + passedMs) },
    log: silent,
  });
  return { state, topUp };
}

test('repeating an attempt charges once; a new attempt charges again', async () => {
  const { state, topUp } = house({ kind: 'paid' });
  await topUp(attempt);
  await topUp(attempt);
  expect([...state.taken.values()]).toEqual([5_000]);
  expect(state).toMatchObject({ isHeld: true, reason: '', mails: [] });
  await topUp({ ...attempt, startedAt: Instant.parse(now + 1) });
  expect(state.taken.size).toBe(2);
});

test('keeps an attempt with an unknown result, so that it can be retried', async () => {
  const { state, topUp } = house(new Error('Stripe is away'));
  await expect(topUp(attempt)).rejects.toThrow('away');
  expect(state).toMatchObject({ isHeld: true, reason: '', mails: [] });
});

test('a declined payment disables auto top-up and notifies the owner', async () => {
  const { state, topUp } = house({ kind: 'refused', reason: 'expired_card' });
  await topUp(attempt);
  expect(state).toMatchObject({
    isHeld: false,
    reason: 'expired_card',
    mails: ['alice@example.com: expired_card'],
  });
});

test('a pending payment disables auto top-up and blocks further attempts', async () => {
  const { state, topUp } = house({ kind: 'unsettled', status: 'open' });
  await topUp(attempt);
  expect(state).toMatchObject({ isHeld: true, reason: 'unexpected_status_open' });
});

test.each([
  ['where nobody has said how to charge', { isConfigured: false }],
  ['more than two hours after it began', { passedMs: 7_200_001 }],
])('nothing is begun %s', async (_name, options) => {
  const { state, topUp } = house({ kind: 'paid' }, options);
  await topUp(attempt);
  expect(state.isHeld).toBe(false);
});
