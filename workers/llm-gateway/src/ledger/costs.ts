import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';

/** What a payer's last answers of each model cost. */
export const Costs = z.record(z.string(), z.array(MicroUsd).readonly()).readonly();
export type Costs = z.infer<typeof Costs>;

const COSTS_OF_A_MODEL_MAX = 20;
const MODELS_MAX = 50;

/** A client names its model as it likes, also `__proto__`: with a prefix it is the name of nothing else. */
const keyOf = (model: string): string => `:${model}`;

export function withCost(costs: Costs, model: string, cost: MicroUsd): Costs {
  const key = keyOf(model);
  const { [key]: known = [], ...others } = costs;
  const kept = Object.entries(others).slice(-(MODELS_MAX - 1));
  return { ...Object.fromEntries(kept), [key]: [...known, cost].slice(-COSTS_OF_A_MODEL_MAX) };
}

/** Nine of ten cost no more. Null for a model that the payer never used. */
export function usualCostOf(costs: Costs, model: string): MicroUsd | null {
  const known = (costs[keyOf(model)] ?? []).toSorted((a, b) => a - b);
  return known[Math.ceil(known.length * 0.9) - 1] ?? null;
}
