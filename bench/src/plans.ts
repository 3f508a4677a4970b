import { PAYERS } from './payers.ts';
import type { Plan, Size } from './rounds.ts';
import type { TargetKey, Targets } from './targets.ts';
import { bodies, largest, oneClient, slow, small, streamed, type Workload } from './workloads.ts';

// What is measured with what.

type Sizes = Readonly<Record<'answers' | 'bodies' | 'streams', Size>>;
export type Extent = keyof typeof sizes;

/** Each payer a few times; and what a gateway does after its answers belongs to their cost. */
const usual = { warmUpAsked: 4 * PAYERS, settleMs: 400 } as const;
const hasty = { warmUpAsked: 2 * PAYERS, settleMs: 200 } as const;
const least = { warmUpAsked: 1, settleMs: 20, rounds: 1 } as const;

const sizes = {
  whole: {
    answers: { ...usual, rounds: 5, sampleMs: 1_500 },
    bodies: { ...usual, rounds: 3, sampleMs: 1_500 },
    streams: { ...usual, rounds: 5, sampleMs: 0 },
  },
  quick: {
    answers: { ...hasty, rounds: 2, sampleMs: 300 },
    bodies: { ...hasty, rounds: 1, sampleMs: 300 },
    streams: { ...hasty, rounds: 2, sampleMs: 0 },
  },
  /** Shows that everything is there, and no figure that means anything. */
  tiny: {
    answers: { ...least, sampleMs: 30 },
    bodies: { ...least, sampleMs: 30 },
    streams: { ...least, sampleMs: 0 },
  },
} as const satisfies Record<string, Sizes>;

const everyone: readonly TargetKey[] = [
  'direct',
  'native',
  'tee',
  'portkey',
  'paid',
  'free',
  'ownKey',
  'withoutLedger',
];

type Chosen = readonly {
  readonly workload: Workload;
  readonly keys: readonly TargetKey[];
  readonly size: keyof Sizes;
}[];

const everything: Chosen = [
  ...[oneClient, small, streamed].map(
    (workload) => ({ workload, keys: everyone, size: 'answers' }) as const,
  ),
  ...bodies.map(
    (workload) =>
      ({
        workload,
        keys: ['direct', 'tee', 'parsed', 'portkey', 'paid'],
        size: 'bodies',
      }) as const,
  ),
  { workload: slow, keys: ['tee', 'portkey', 'paid'], size: 'streams' },
  { workload: largest, keys: ['paid'], size: 'bodies' },
];

const ledgerAlone: Chosen = [oneClient, small, streamed].map(
  (workload) => ({ workload, keys: ['paid', 'withoutLedger'], size: 'answers' }) as const,
);

const plans = {
  whole: everything,
  ledger: ledgerAlone,
  part: everything.filter(({ workload }) => [oneClient, streamed].includes(workload)),
};
export type PlanName = keyof typeof plans;

/** Of the targets that were started. */
export const planOf = (name: PlanName, extent: Extent, targets: Targets): Plan =>
  plans[name].map(({ workload, keys, size }) => ({
    workload,
    targets: keys.flatMap((key) => targets[key] ?? []),
    size: sizes[extent][size],
  }));
