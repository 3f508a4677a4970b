/** Where a value is drawn, and where the axis is labelled. */
export type Scale = { readonly at: (value: number) => number; readonly ticks: readonly number[] };
type Range = { readonly from: number; readonly to: number };

const TICKS = 5;

/** From zero to the next round number above the most. */
export function linear(most: number, { from, to }: Range): Scale {
  const step = most > 0 ? roundStep(most / TICKS) : 1;
  const steps = Math.max(1, Math.ceil(most / step - 1e-9));
  return {
    at: (value) => from + ((to - from) * value) / (steps * step),
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  };
}

/** From the least to the most; labelled where something was measured. */
export function logarithmic(values: readonly number[], { from, to }: Range): Scale {
  const ticks = [...new Set(values)].toSorted((one, other) => one - other);
  const [least, most] = [ticks[0] ?? 1, ticks.at(-1) ?? 1];
  const width = Math.log(most / least) || 1;
  return { at: (value) => from + ((to - from) * Math.log(value / least)) / width, ticks };
}

/** 1, 2, 2.5 or 5, and zeros: the next one that is not smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

/** As short as it can be said: 1500 is 1.5k. */
export function label(value: number): string {
  if (value >= 1_000_000) return `${trimmed(value / 1_000_000)}M`;
  if (value >= 1_000) return `${trimmed(value / 1_000)}k`;
  return trimmed(value);
}

const trimmed = (value: number): string => String(Number(value.toPrecision(3)));
