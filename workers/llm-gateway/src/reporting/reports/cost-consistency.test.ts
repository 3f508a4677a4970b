import { expect, test } from 'vitest';
import { isCostConsistent } from './cost-consistency.ts';

const usage = (cost: number | null, upstreamCost: number | null, isByok: boolean | null) => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheHitTokens: 0,
  cost,
  upstreamCost,
  isByok,
});

test.each<[number | null, number | null, boolean | null]>([
  [0.001, 0.7, false],
  [0.001, 0.02, true],
  // Off by a microdollar, as rounding may leave it.
  [0.001, 0.020001, true],
  // A promotion takes no fee.
  [0, 0.5, true],
  [0, 0, null],
  [null, null, null],
])('a cost of %j, %j at the provider, own key %j: consistent', (cost, upstream, byok) => {
  expect(isCostConsistent(usage(cost, upstream, byok))).toBe(true);
});

test.each<[number | null, number | null, boolean | null]>([
  [0.001, null, null],
  [null, 0.001, null],
  [0.001, 0.02002, true],
  [0.001, null, true],
])('a cost of %j, %j at the provider, own key %j: not consistent', (cost, upstream, byok) => {
  expect(isCostConsistent(usage(cost, upstream, byok))).toBe(false);
});
