import { expect, test } from 'vitest';
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

test('an effect that fails takes no other with it, and is reported', async () => {
  const done: string[] = [];
  const failed: unknown[] = [];
  const run: Effects = {
    settle: () => Promise.resolve(),
    metrics: () => Promise.resolve(),
    report: () => Promise.resolve(),
    'abuse-cost': () => Promise.resolve(),
    'request-log': () => Promise.resolve(),
    'top-up': () => Promise.resolve(),
    log: ({ line: { exchange } }) => {
      if (exchange === 'e') throw new Error('no log');
      done.push(exchange);
      return Promise.resolve();
    },
  };
  await perform(effects, {
    effects: run,
    reportFailure: (kind, cause) => failed.push([kind, String(cause)]),
  });
  expect(done).toEqual(['f']);
  expect(failed).toEqual([['log', 'Error: no log']]);
});
