import { cpuMsOf, type Figures, figuresOf, perRequest, writtenKb } from './figures.ts';
import type { Measured, Sample } from './rounds.ts';
import { median, percentile } from './statistics.ts';

/** Of two builds under one load; `control` is the one before once more: what it differs by is noise. */
export type Comparison = {
  readonly workload: string;
  readonly figures: Readonly<Record<Role, Figures>>;
  /** Beside `before`. Null: there was nothing to divide by. */
  readonly ratios: Readonly<Record<Quantity, Readonly<Record<Beside, Ratio | null>>>>;
};
export const roles = ['before', 'after', 'control'] as const;
export type Role = (typeof roles)[number];
type Beside = Exclude<Role, 'before'>;

/** Of those of each round. */
export type Ratio = {
  readonly rounds: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
};

const quantities = {
  cpuMs: (sample) => perRequest(sample, cpuMsOf('server')),
  postgresCpuMs: (sample) => perRequest(sample, cpuMsOf('postgres')),
  p50Ms: ({ answers }) => percentile(answers.totalMs, 0.5),
  p99Ms: ({ answers }) => percentile(answers.totalMs, 0.99),
  writtenKb: (sample) => perRequest(sample, writtenKb),
} as const satisfies Record<string, (sample: Sample) => number | null>;
export type Quantity = keyof typeof quantities;

export function comparisonOf(measured: Readonly<Record<Role, Measured>>): Comparison {
  const { before, after, control } = measured;
  const beside = (quantity: Quantity) => ({
    after: ratioOf(before.samples, after.samples, quantities[quantity]),
    control: ratioOf(before.samples, control.samples, quantities[quantity]),
  });
  return {
    workload: before.workload.name,
    figures: {
      before: figuresOf(before),
      after: figuresOf(after),
      control: figuresOf(control),
    },
    ratios: {
      cpuMs: beside('cpuMs'),
      postgresCpuMs: beside('postgresCpuMs'),
      p50Ms: beside('p50Ms'),
      p99Ms: beside('p99Ms'),
      writtenKb: beside('writtenKb'),
    },
  };
}

/** Round by round: what the machine does besides hits both of a pair alike, and not all pairs. */
function ratioOf(
  before: readonly Sample[],
  after: readonly Sample[],
  quantity: (sample: Sample) => number | null,
): Ratio | null {
  const ratios = after.flatMap((sample, round) => {
    const base = before[round];
    const [above, below] = [quantity(sample), base ? quantity(base) : null];
    const ratio = above === null || below === null ? Number.NaN : above / below;
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  if (ratios.length === 0) return null;
  return {
    rounds: ratios.length,
    median: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
  };
}

/** Fewer rounds than these differ by chance too often. */
const ROUNDS_MIN = 4;

/** A difference is one where each round of it is beyond all rounds of the control. Null: too few rounds to tell. */
export function verdictOf({ after, control }: Comparison['ratios'][Quantity]): Verdict | null {
  if (after === null || control === null) return null;
  if (Math.min(after.rounds, control.rounds) < ROUNDS_MIN) return null;
  if (after.most < control.least) return 'less';
  if (after.least > control.most) return 'more';
  return 'within noise';
}
type Verdict = 'less' | 'more' | 'within noise';
