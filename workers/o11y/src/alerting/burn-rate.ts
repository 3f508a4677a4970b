export type Counts = { readonly total: number; readonly bad: number };

export const badFraction = ({ total, bad }: Counts): number => (total > 0 ? bad / total : 0);

/**
 * 1 uses up the error budget exactly within its period. Infinite where nothing at all may fail. Rounded, because 1 - 0.99 is
 * a little more than 0.01, and a rate that is exactly the threshold must trip.
 */
export const burnRate = (counts: Counts, slo: number): number =>
  slo >= 1 ? Number.POSITIVE_INFINITY : Math.round((badFraction(counts) / (1 - slo)) * 1e9) / 1e9;
