export type Weighted = { readonly value: number; readonly weight: number };

/** The smallest value that at least this part of the weight does not exceed. Values come sorted. */
export function quantile(sorted: readonly Weighted[], level: number): number {
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let seen = 0;
  for (const { value, weight } of sorted) {
    seen += weight;
    if (seen >= level * total) return value;
  }
  return 0;
}
