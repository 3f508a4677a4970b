import { randomOf } from '@gateway/local/simulator/random';

/** A run that fails can be run again: `PROOF_SEED=<seed>`. */
export const SEED = Number(process.env['PROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** From 0 up to, but not including, 1. */
export const chance = randomOf(SEED);

/** One of them, the more often the greater its weight. */
export function drawn<T>(all: readonly { readonly weight: number; readonly one: T }[]): T {
  let at = chance() * all.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, one } of all) {
    at -= weight;
    if (at < 0) return one;
  }
  throw new Error('There is nothing to draw from.');
}

export const shuffled = <T>(all: readonly T[]): readonly T[] =>
  all
    .map((one) => ({ one, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
