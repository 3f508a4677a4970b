/** Milliseconds. Rows refer to bounds by their place: append only. */
export const firstByteBounds = [
  100, 250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 60_000,
] as const;
