import { microUsdOf } from '@gateway/worker-utils/money';
import { expect, test } from 'vitest';
import { usualCostOf, withCost } from './costs.ts';

test.each(['vendor/model', '__proto__', 'constructor'])('a model may be called %s', (model) => {
  expect(usualCostOf({}, model)).toBeNull();
  const costs = withCost({}, model, microUsdOf(0.02));
  expect(usualCostOf(costs, model)).toBe(20_000);
});
