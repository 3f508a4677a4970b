import { UserId } from '@gateway/worker-utils/ids';
import { microUsdOf } from '@gateway/worker-utils/money';
import { err, ok } from '@gateway/worker-utils/result';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import type { Snapshot } from '../exchange/caller.ts';
import { cachedSnapshots, emptySnapshotCache } from './snapshots-cache.ts';

const user = UserId.parse('alice');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A database whose answer is set, and which counts how often it was asked. */
function world(balanceUsd: number) {
  const database = { balanceUsd, isAway: false, neverAnswers: false, isBlocked: false, asked: 0 };
  let now = 1_000_000;
  const snapshots = cachedSnapshots({
    source: {
      of() {
        database.asked += 1;
        if (database.neverAnswers) return new Promise<never>(() => undefined);
        return Promise.resolve(database.isAway ? err('unavailable') : ok(snapshot()));
      },
    },
    cache: emptySnapshotCache(),
    clock: { now: () => Instant.parse(now) },
    pause: () => Promise.resolve(),
    freshMs: 5_000,
    staleMs: 600_000,
    log: silent,
  });
  const snapshot = (): Snapshot => ({
    user: {
      id: user,
      email: 'alice@example.com',
      tokenPepper: null,
      isBlocked: database.isBlocked,
      wantsTopUp: false,
      used: microUsdOf(0),
      acquired: microUsdOf(database.balanceUsd),
    },
    organization: null,
    ownKeys: [],
    customLlms: [],
    readAt: Instant.parse(now),
  });
  const balance = async (age: 'usual' | 'checked' = 'usual') => {
    const found = await snapshots.of(user, null, age);
    return found.ok ? (found.value?.user.acquired ?? null) : 'unavailable';
  };
  return { database, balance, pass: (ms: number) => (now += ms) };
}

test('a comfortable snapshot answers for five seconds without a question', async () => {
  const { database, balance, pass } = world(10);
  expect(await balance()).toBe(10_000_000);
  database.balanceUsd = 9;
  pass(4_999);
  expect(await balance()).toBe(10_000_000);
  expect(database.asked).toBe(1);
  pass(1);
  expect(await balance()).toBe(9_000_000);
});

test.each([
  ['whose balance is low', (database: { balanceUsd: number }) => (database.balanceUsd = 0.5)],
  ['who is blocked', (database: { isBlocked: boolean }) => (database.isBlocked = true)],
])('of a caller %s the database is asked again after a second', async (_name, change) => {
  const { database, balance, pass } = world(10);
  change(database);
  await balance();
  pass(999);
  await balance();
  expect(database.asked).toBe(1);
  pass(1);
  await balance();
  expect(database.asked).toBe(2);
});

test('what is to be checked is at most a second old', async () => {
  const { database, balance, pass } = world(10);
  await balance();
  database.balanceUsd = 7;
  pass(1_000);
  expect(await balance('usual')).toBe(10_000_000);
  expect(await balance('checked')).toBe(7_000_000);
});

test('while the database is away, whoever it knew goes on for ten minutes, and nobody else', async () => {
  const { database, balance, pass } = world(10);
  await balance();
  database.isAway = true;
  pass(599_999);
  expect(await balance()).toBe(10_000_000);
  pass(1);
  expect(await balance()).toBe('unavailable');
  const stranger = world(10);
  stranger.database.isAway = true;
  expect(await stranger.balance()).toBe('unavailable');
});

test('hundreds of first requests of one caller are one question', async () => {
  const { database, balance } = world(10);
  const seen = await Promise.all(Array.from({ length: 300 }, () => balance()));
  expect(new Set(seen)).toEqual(new Set([10_000_000]));
  expect(database.asked).toBe(1);
});

test('a refusal is checked once for all who wait for it', async () => {
  const { database, balance, pass } = world(0);
  await balance();
  pass(1_000);
  await Promise.all(Array.from({ length: 300 }, () => balance('checked')));
  expect(database.asked).toBe(2);
});

test('who reads for others and does not come back keeps them for a quarter of a second', async () => {
  const { database, balance, pass } = world(10);
  database.neverAnswers = true;
  void balance();
  database.neverAnswers = false;
  const another = balance();
  expect(database.asked).toBe(1);
  pass(250);
  expect(await another).toBe(10_000_000);
  expect(database.asked).toBe(2);
});

test('who has waited for a question that failed asks one of its own', async () => {
  const { database, balance } = world(10);
  database.isAway = true;
  const [first, second] = [balance(), balance()];
  database.isAway = false;
  expect(await first).toBe('unavailable');
  expect(await second).toBe(10_000_000);
});
