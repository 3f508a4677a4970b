import { randomOf } from '@gateway/local/simulator/random';

/** A run that fails can be run again: `PROOF_SEED=<seed>`. */
export const SEED = Number(process.env['PROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

const chance = randomOf(SEED);

export const shuffled = <T>(all: readonly T[]): readonly T[] =>
  all
    .map((one) => ({ one, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
