import { type MicroUsd, microUsdOf, zeroMicroUsd } from '@gateway/worker-utils/money';
import { COST_USD_MAX } from '../policy/worst-case.ts';
import type { Usage } from '../response/usage-accumulator.ts';

export type ReportedCost =
  | { readonly kind: 'reported'; readonly cost: MicroUsd }
  | { readonly kind: 'absurd' }
  | { readonly kind: 'unknown' };

/**
 * What the provider says that an answer cost. With a key of the house's registered at OpenRouter (`is_byok`), `cost` is
 * only OpenRouter's fee, and the model's price is what the inference provider took.
 */
export function reportedCostOf(usage: Usage | null): ReportedCost {
  const usd = usage?.isByok === true ? usage.upstreamCost : usage?.cost;
  if (usd === null || usd === undefined) return { kind: 'unknown' };
  if (!Number.isFinite(usd) || usd < 0 || usd > COST_USD_MAX) return { kind: 'absurd' };
  return { kind: 'reported', cost: microUsdOf(usd) };
}

export const costOrZero = (reported: ReportedCost): MicroUsd =>
  reported.kind === 'reported' ? reported.cost : zeroMicroUsd;
