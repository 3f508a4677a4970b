import { answerTold, sessionTold } from '@gateway/worker-utils/testing/told';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { embeddedStore } from './metrics-store.ts';

const told = (n: number) => ({ ...answerTold, ttfbMs: n });

/** The store beside its object, with seconds that end when the test says so. */
function world() {
  const calls: string[] = [];
  const lines: string[] = [];
  const background: Promise<void>[] = [];
  let second = Promise.withResolvers<void>();
  let [isAway, at] = [false, 0];
  const object = {
    count: async () => {
      calls.push('count');
      return [];
    },
    errorRate: async () => null,
    ttfb: async () => null,
    totals: async () => ({ requests: [], firstBytes: [], sessions: [] }),
    write: async (all: readonly { metrics: { ttfbMs: number }; at: number }[]) => {
      if (isAway) throw new Error('away');
      calls.push(all.map((one) => `${one.metrics.ttfbMs} at ${one.at}`).join(', '));
    },
    writeSession: async () => void calls.push('session'),
  };
  const store = embeddedStore(() => object, {
    clock: { now: () => Instant.parse((at += 1)) },
    pause: () => second.promise,
    background: (work) => background.push(work),
    objectives: async () => new Set(['watched/model']),
    log: { info: () => undefined, warn: (line) => lines.push(line), error: () => undefined },
  });
  const passSecond = async () => {
    second.resolve();
    second = Promise.withResolvers();
    await Promise.all(background.splice(0));
  };
  const away = (is: boolean) => {
    isAway = is;
  };
  return { store, calls, lines, passSecond, away };
}

test('answers of a second are kept with one call, each for the moment at which it was told', async () => {
  const { store, calls, passSecond } = world();
  for (const n of [10, 20, 30]) await store.write(told(n));
  expect(calls).toEqual([]);
  await passSecond();
  expect(calls).toEqual(['10 at 1, 20 at 2, 30 at 3']);
  await store.write(told(40));
  await passSecond();
  expect(calls.slice(1)).toEqual(['40 at 4']);
});

test('whoever asks hears of all that was told before', async () => {
  const { store, calls, passSecond } = world();
  await store.write(told(10));
  await store.answers.count({ kind: 'error_rate' }, Instant.parse(0));
  expect(calls).toEqual(['10 at 1', 'count']);
  await passSecond();
  expect(calls).toHaveLength(2);
});

test('a burst does not wait for its second to end', async () => {
  const { store, calls, passSecond } = world();
  for (let n = 0; n < 501; n += 1) await store.write(told(n));
  expect(calls.map((call) => call.split(',').length)).toEqual([500]);
  await passSecond();
  expect(calls.map((call) => call.split(',').length)).toEqual([500, 1]);
});

test('what the object did not take is a line of the log, and what comes later is kept', async () => {
  const { store, calls, lines, passSecond, away } = world();
  away(true);
  await store.write(told(10));
  await passSecond();
  expect(lines).toEqual(['metrics not kept']);
  away(false);
  await store.write(told(20));
  await store.writeSession(sessionTold);
  await passSecond();
  expect(calls).toEqual(['session', '20 at 2']);
});
