import { burnRate, type Counts } from './burn-rate.ts';
import { type Dimension, dimensionKey } from './dimension.ts';
import type { Examination, Objective } from './objective.ts';
import type { BurnWindow } from './windows.ts';

/** What the metrics answer, for one dimension. */
export type DimensionCounts = Dimension & Counts;

export type Breach = {
  readonly window: BurnWindow;
  readonly objective: Objective;
  /** Of the long window: it is what the alert tells. */
  readonly counts: DimensionCounts;
  readonly burnRate: number;
};

/** Dimensions that burn too fast within one window's rows. */
export function breachesIn(
  rows: readonly DimensionCounts[],
  { objectives }: Pick<Examination, 'objectives'>,
  window: BurnWindow,
): readonly Breach[] {
  return [...byDimension(rows).values()].flatMap((counts) => {
    const objective = objectives.get(counts.model);
    if (!objective || counts.total <= 0 || counts.total < objective.minRequests) return [];
    const rate = burnRate(counts, objective.slo);
    return rate >= window.burnRate ? [{ window, objective, counts, burnRate: rate }] : [];
  });
}

/** Those that also burn in the short window: the others are over. */
export function stillBurning(long: readonly Breach[], short: readonly Breach[]): readonly Breach[] {
  const burning = new Set(short.map(({ counts }) => dimensionKey(counts)));
  return long.filter(({ counts }) => burning.has(dimensionKey(counts)));
}

/** The last row of a dimension wins. */
const byDimension = (rows: readonly DimensionCounts[]): ReadonlyMap<string, DimensionCounts> =>
  new Map(rows.map((row) => [dimensionKey(row), row]));
