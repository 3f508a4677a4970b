import type { ErrorRateBaseline } from './baseline.ts';

/** Requests and errors of the last one, three and seven days. */
export type DayCounts = Readonly<
  Record<'requests1d' | 'requests3d' | 'requests7d' | 'errors1d' | 'errors3d' | 'errors7d', number>
>;

export function errorRateBaseline(model: string, counts: DayCounts): ErrorRateBaseline | null {
  const { requests1d, requests3d, requests7d } = counts;
  if (requests7d <= 0) return null;
  return {
    model,
    errorRate1d: rate(counts.errors1d, requests1d),
    errorRate3d: rate(counts.errors3d, requests3d),
    errorRate7d: rate(counts.errors7d, requests7d),
    requests1d,
    requests3d,
    requests7d,
  };
}

const rate = (errors: number, requests: number): number => (requests > 0 ? errors / requests : 0);
