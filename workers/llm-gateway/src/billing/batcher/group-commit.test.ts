import type { SettledExchange, SettleOutcome } from '@gateway/db';
import { expect, test } from 'vitest';
import { exchangeId, landingOf, settledExchange } from '../../testing/settled-exchange.ts';
import { groupCommit } from './group-commit.ts';

/** A Postgres that answers when the test says so. */
function bench() {
  const rounds: {
    readonly exchanges: readonly SettledExchange[];
    readonly answer: PromiseWithResolvers<SettleOutcome>;
  }[] = [];
  const gathered: (() => void)[] = [];
  const settle = groupCommit(
    (exchanges) => {
      const answer = Promise.withResolvers<SettleOutcome>();
      rounds.push({ exchanges, answer });
      return answer.promise;
    },
    () => new Promise((resolve) => void gathered.push(resolve)),
  );
  const last = () => {
    const round = rounds.at(-1);
    if (!round) throw new Error('Nothing was asked.');
    return round;
  };
  return {
    settle,
    /** The time to gather is over. */
    gather: async (): Promise<void> => {
      gathered.shift()?.();
      await turn();
    },
    land: async (): Promise<void> => {
      const { exchanges, answer } = last();
      // Each is told of once, as `settle` does.
      const ids = new Map(exchanges.map((exchange) => [exchange.id, exchange]));
      const landings = [...ids.values()].map((exchange) => landingOf(exchange));
      answer.resolve({ landings, parked: [] });
      await turn();
    },
    fail: async (cause: unknown): Promise<void> => {
      last().answer.reject(cause);
      await turn();
    },
    sizes: () => rounds.map(({ exchanges }) => exchanges.length),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const some = (from: number, count: number): readonly SettledExchange[] =>
  Array.from({ length: count }, (_, n) => settledExchange(from + n));
const idsOf = ({ landings }: SettleOutcome) => landings.map(({ id }) => id);

test('concurrent callers share a statement, and each gets its own result', async () => {
  const { settle, gather, land, sizes } = bench();
  const [one, two] = [settle(some(1, 2)), settle(some(3, 1))];
  expect(sizes()).toEqual([]);
  await gather();
  expect(sizes()).toEqual([3]);
  await land();
  expect(idsOf(await one)).toEqual([exchangeId(1), exchangeId(2)]);
  expect(idsOf(await two)).toEqual([exchangeId(3)]);
});

test('a caller that arrives while a statement runs joins the next one, without further delay', async () => {
  const { settle, gather, land, sizes } = bench();
  const one = settle(some(1, 1));
  await gather();
  const [two, three] = [settle(some(2, 1)), settle(some(3, 1))];
  expect(sizes()).toEqual([1]);
  await land();
  expect(sizes()).toEqual([1, 2]);
  await land();
  expect((await Promise.all([one, two, three])).flatMap(idsOf)).toHaveLength(3);

  const four = settle(some(4, 1));
  expect(sizes()).toEqual([1, 2]);
  await gather();
  await land();
  expect(idsOf(await four)).toEqual([exchangeId(4)]);
});

test('a statement holds at most a hundred rows and never splits one call', async () => {
  const { settle, gather, land, sizes } = bench();
  const asked = [settle(some(1, 60)), settle(some(101, 60)), settle(some(201, 40))];
  await gather();
  await land();
  await land();
  expect(sizes()).toEqual([60, 100]);
  expect((await Promise.all(asked)).map((outcome) => idsOf(outcome).length)).toEqual([60, 60, 40]);
});

test('returns the result of one exchange to both concurrent callers', async () => {
  const { settle, gather, land } = bench();
  const asked = [settle(some(1, 1)), settle(some(1, 1))];
  await gather();
  await land();
  expect((await Promise.all(asked)).map(idsOf)).toEqual([[exchangeId(1)], [exchangeId(1)]]);
});

test('fails the callers queued behind a failed statement, and retries for later ones', async () => {
  const { settle, gather, land, fail } = bench();
  const one = settle(some(1, 1));
  await gather();
  const two = settle(some(2, 1));
  const both = Promise.allSettled([one, two]);
  await fail(new Error('away'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);

  const three = settle(some(3, 1));
  await gather();
  await land();
  expect(idsOf(await three)).toEqual([exchangeId(3)]);
});
