/**
 * Up to two significant digits, so that a minute has few different values. Rounded up: whether a value exceeds a threshold
 * of two digits (900 ms, 2 500 ms) stays exact, and a percentile is never told too low.
 */
export function roundedTtfb(ms: number): number {
  if (ms < 100) return Math.max(0, Math.ceil(ms));
  const step = 10 ** (Math.floor(Math.log10(ms)) - 1);
  return Math.ceil(ms / step) * step;
}
