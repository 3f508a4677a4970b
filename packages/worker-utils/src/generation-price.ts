/** OpenRouter's fee for an answer on a key of the house's own is a twentieth of its price. */
export const PRICE_BY_FEE = 20;

/** What a provider's record of an answer says that it is worth, in USD. With `is_byok`, `total_cost` is only the fee. */
export function generationPriceUsd(record: {
  readonly total_cost: number;
  readonly upstream_inference_cost?: number | null | undefined;
  readonly is_byok?: boolean | null | undefined;
}): number {
  if (record.is_byok !== true) return record.total_cost;
  return record.upstream_inference_cost ?? record.total_cost * PRICE_BY_FEE;
}
