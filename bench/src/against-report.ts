import { type Comparison, type Quantity, type Ratio, roles, verdictOf } from './comparison.ts';
import { type Circumstances, heading, type Report } from './report.ts';
import { failuresIn, number, table } from './table.ts';

export type AgainstFindings = {
  readonly ref: string;
  readonly commit: string;
  readonly changed: readonly string[];
  readonly comparisons: readonly Comparison[];
};

export function againstReport(circumstances: Circumstances, findings: AgainstFindings): Report {
  const { ref, commit, changed, comparisons } = findings;
  const difference =
    changed.length === 0
      ? 'No file that workers are made of differs: what is told is noise.'
      : `${changed.length} files that workers are made of differ.`;
  const text = [
    heading(circumstances),
    `before: ${ref} (${commit.slice(0, 10)}). after: this tree. control: before, once more. ${difference}`,
    ...comparisons.map(comparisonTable),
  ];
  const figures = comparisons.flatMap((comparison) => Object.values(comparison.figures));
  return {
    text: text.join('\n\n'),
    json: {
      ...circumstances,
      ref,
      commit,
      changed,
      comparisons: comparisons.map((comparison) => ({
        ...comparison,
        cpu: verdictOf(comparison.ratios.cpuMs),
      })),
    },
    pages: [],
    charts: [],
    isIncomplete: figures.some(({ answers, failures }) => answers === 0 || failures > 0),
  };
}

const columns = [
  ['CPU ms', 'cpuMs'],
  ['Postgres', 'postgresCpuMs'],
  ['p50 ms', 'p50Ms'],
  ['p99 ms', 'p99Ms'],
  ['kB written', 'writtenKb'],
] as const satisfies readonly (readonly [string, Quantity])[];

function comparisonTable({ workload, figures, ratios }: Comparison): string {
  const builds = roles.map((role) => {
    const { cpuMs, totalMs, writtenKb } = figures[role];
    return [
      `  ${role}`,
      number(cpuMs.server, 2),
      number(cpuMs.postgres, 2),
      number(totalMs.p50, 1),
      number(totalMs.p99, 1),
      number(writtenKb, 1),
    ];
  });
  const beside = (['after', 'control'] as const).map((role) => [
    `  ${role} / before`,
    ...columns.map(([, quantity]) => ratioText(ratios[quantity][role])),
  ]);
  const verdicts = columns.map(([, quantity]) => verdictOf(ratios[quantity]));
  const told = verdicts.some((verdict) => verdict !== null)
    ? [['  after is', ...verdicts.map((verdict) => verdict ?? '')]]
    : [];
  const head = ['', ...columns.map(([title]) => title)];
  const rows = [head, ...builds, ...beside, ...told];
  return `${workload}\n${table(rows)}${failuresIn(Object.values(figures))}`;
}

/** The median of the rounds, the least and the most. */
const ratioText = (ratio: Ratio | null): string =>
  ratio === null
    ? ''
    : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}-${ratio.most.toFixed(2)})`;
