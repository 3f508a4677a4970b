import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Effect } from './effects.ts';
import { type Effects, perform } from './perform.ts';

const line = {
  exchange: 'e',
  payer: 'p',
  model: 'm',
  provider: 'openrouter',
  status: 200,
  ending: 'complete',
  cost: 0,
  totalMs: 1,
  clientVersion: null,
} as const;
const effects: readonly Effect[] = [
  { kind: 'log', line },
  { kind: 'log', line: { ...line, exchange: 'f' } },
];

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** All are done at once; `log` as a test says. */
const effectsWith = (log: Effects['log']): Effects => ({
  settle: () => Promise.resolve(),
  metrics: () => Promise.resolve(),
  report: () => Promise.resolve(),
  'abuse-cost': () => Promise.resolve(),
  'free-model-charge': () => Promise.resolve(),
  'request-log': () => Promise.resolve(),
  'top-up': () => Promise.resolve(),
  log,
});

test('reports a failed effect and still runs the others', async () => {
  const done: string[] = [];
  const failed: unknown[] = [];
  const run = effectsWith(({ line: { exchange } }) => {
    if (exchange === 'e') throw new Error('no log');
    done.push(exchange);
    return Promise.resolve();
  });
  await perform(effects, {
    effects: run,
    reportFailure: (kind, cause) => failed.push([kind, String(cause)]),
  });
  expect(done).toEqual(['f']);
  expect(failed).toEqual([['log', 'Error: no log']]);
});

test('reports an effect that hangs after 25 seconds, without delaying the others', async () => {
  const done: string[] = [];
  const failed: unknown[] = [];
  const run = effectsWith(({ line: { exchange } }) => {
    if (exchange === 'e') return new Promise(() => undefined);
    done.push(exchange);
    return Promise.resolve();
  });
  const reportFailure = (kind: Effect['kind'], cause: unknown) =>
    void failed.push([kind, String(cause)]);
  const performed = perform(effects, { effects: run, reportFailure });
  await vi.advanceTimersByTimeAsync(24_999);
  expect(done).toEqual(['f']);
  expect(failed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await performed;
  expect(failed).toEqual([['log', 'TimeoutError: log took longer than 25000 ms']]);
});
