import { expect, test } from 'vitest';
import type { Usage } from '../response/usage-accumulator.ts';
import { reportedCostOf } from './cost.ts';

const usage = (fields: Partial<Usage>): Usage => ({
  inputTokens: 1,
  outputTokens: 1,
  cacheHitTokens: 0,
  cost: null,
  upstreamCost: null,
  isByok: null,
  ...fields,
});

test.each([
  [
    { cost: 0.001, isByok: false, upstreamCost: 0.7 },
    { kind: 'reported', cost: 1000 },
  ],
  [
    { cost: 0.001, isByok: true, upstreamCost: 0.02 },
    { kind: 'reported', cost: 20_000 },
  ],
  [{ cost: 0.01413195 }, { kind: 'reported', cost: 14_132 }],
  [{ cost: 0 }, { kind: 'reported', cost: 0 }],
  [{}, { kind: 'unknown' }],
  [{ cost: 1, isByok: true }, { kind: 'unknown' }],
  [{ cost: -0.01 }, { kind: 'absurd' }],
  [{ cost: 1000.01 }, { kind: 'absurd' }],
  [{ cost: Number.NaN }, { kind: 'absurd' }],
  [{ cost: Infinity }, { kind: 'absurd' }],
])('%j is %j', (fields, expected) => {
  expect(reportedCostOf(usage(fields))).toEqual(expected);
});
