import type { Figures } from './figures.ts';
import { table } from './table.ts';
import { type TargetKey, targetNames } from './targets.ts';
import { largest, oneClient, slow, small, streamed, type Workload, bodiesOf } from './workloads.ts';

/** What it must cost, and what it did. */
export type Goal = {
  readonly goal: string;
  readonly unit: string;
  /** Null: it is told, and nothing is asked of it. */
  readonly bound: { readonly kind: 'at most' | 'at least'; readonly value: number } | null;
  /** Null: it was not measured. */
  readonly measured: number | null;
  readonly isMet: boolean | null;
};

type Measure = (of: Find) => number | null;
type Find = (workload: Workload, target: TargetKey) => Figures | undefined;
type Asked = {
  readonly goal: string;
  readonly unit: string;
  readonly bound: Goal['bound'];
  readonly measure: Measure;
};

const atMost = (value: number) => ({ kind: 'at most', value }) as const;
const atLeast = (value: number) => ({ kind: 'at least', value }) as const;

const ratio = (one: number | null | undefined, other: number | null | undefined): number | null =>
  typeof one === 'number' && typeof other === 'number' && other > 0 ? one / other : null;

const cpuRatio =
  (workload: Workload, target: TargetKey, base: TargetKey): Measure =>
  (find) =>
    ratio(find(workload, target)?.cpuMs.server, find(workload, base)?.cpuMs.server);

const rateRatio =
  (workload: Workload): Measure =>
  (find) =>
    ratio(find(workload, 'paid')?.perSecond, find(workload, 'portkey')?.perSecond);

const added =
  (target: TargetKey, part: 'p50' | 'p99'): Measure =>
  (find) => {
    const through = find(oneClient, target)?.totalMs[part];
    const direct = find(oneClient, 'direct')?.totalMs[part];
    return typeof through === 'number' && typeof direct === 'number' ? through - direct : null;
  };

const asked: readonly Asked[] = [
  {
    goal: 'CPU of a streamed request, beside the tee() pass-through',
    unit: 'x',
    bound: atMost(1.5),
    measure: cpuRatio(streamed, 'paid', 'tee'),
  },
  {
    goal: 'the same, beside the native pass-through',
    unit: 'x',
    bound: null,
    measure: cpuRatio(streamed, 'paid', 'native'),
  },
  ...[small, streamed].flatMap((workload): readonly Asked[] => [
    {
      goal: `less CPU than Portkey: ${workload.name}`,
      unit: 'x',
      bound: atLeast(3),
      measure: cpuRatio(workload, 'portkey', 'paid'),
    },
    {
      goal: `more requests a second than Portkey: ${workload.name}`,
      unit: 'x',
      bound: atLeast(3),
      measure: rateRatio(workload),
    },
  ]),
  ...(
    [
      ['paid', 'p50', 3],
      ['paid', 'p99', 8],
      ['withoutLedger', 'p50', 1],
      ['withoutLedger', 'p99', 5],
    ] as const
  ).map(([target, part, ms]): Asked => ({
    goal: `added at one client, ${part}: ${targetNames[target]}`,
    unit: 'ms',
    bound: atMost(ms),
    measure: added(target, part),
  })),
  {
    goal: 'CPU of a body of 1 MB, beside parsing and serialising it once',
    unit: 'x',
    bound: atMost(2),
    measure: cpuRatio(bodiesOf(1_000_000), 'paid', 'parsed'),
  },
  {
    goal: '500 slow streams: whole ones',
    unit: '%',
    bound: atLeast(100),
    measure: (find) => {
      const figures = find(slow, 'paid');
      if (!figures) return null;
      return ratio(100 * figures.answers, figures.answers + figures.failures);
    },
  },
  {
    goal: '500 slow streams: memory of the last round, beside the first',
    unit: 'x',
    bound: atMost(1.1),
    measure: (find) => {
      const most = find(slow, 'paid')?.residentMib?.most ?? [];
      return most.length < 2 ? null : ratio(most.at(-1), most[0]);
    },
  },
  {
    goal: 'the largest body that is taken: memory that it raises',
    unit: 'MiB',
    bound: atMost(100),
    measure: (find) => {
      const resident = find(largest, 'paid')?.residentMib;
      return resident ? Math.max(...resident.most) - resident.before : null;
    },
  },
];

export function goalsOf(figures: readonly Figures[]): readonly Goal[] {
  const find: Find = (workload, target) =>
    figures.find((row) => row.workload === workload.name && row.target === targetNames[target]);
  return asked.map(({ goal, unit, bound, measure }) => {
    const measured = measure(find);
    return { goal, unit, bound, measured, isMet: isMet(bound, measured) };
  });
}

function isMet(bound: Goal['bound'], measured: number | null): boolean | null {
  if (bound === null || measured === null) return null;
  return bound.kind === 'at most' ? measured <= bound.value : measured >= bound.value;
}

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ goal, unit, bound, measured, isMet: met }) => [
    goal,
    bound === null ? '' : `${bound.kind} ${bound.value} ${unit}`,
    measured === null ? 'not measured' : `${measured.toFixed(2)} ${unit}`,
    met === null ? '' : met ? 'met' : 'not met',
  ]);
  return table([['', 'goal', 'measured', ''], ...rows]);
}
