import { PRICE_BY_FEE } from '@gateway/worker-utils/generation-price';
import type { Usage } from '../../response/usage-accumulator.ts';

/** A microdollar, and what rounding to it may add. */
const USD_TOLERANCE = 1.1e-6;

/**
 * Whether what a provider says of a cost fits together. It never changes what is charged: it only tells when the rules that
 * we charge by have stopped being theirs.
 */
export function isCostConsistent({ cost, upstreamCost, isByok }: Usage): boolean {
  const fee = cost ?? 0;
  const price = upstreamCost ?? 0;
  if (isByok === null) return fee === 0 && price === 0;
  // Promotions of OpenRouter's take no fee.
  if (!isByok || fee === 0) return true;
  return Math.abs(fee * PRICE_BY_FEE - price) <= USD_TOLERANCE;
}
