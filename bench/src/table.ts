import type { Figures } from './figures.ts';

/** Right-aligned but for the first column. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const HEAD = [
  '',
  'req/s',
  'first p50',
  'first p99',
  'p50 ms',
  'p99 ms',
  'CPU ms',
  'x native',
  'x tee()',
  'Postgres',
  'RSS MiB',
];

/** One for each workload. CPU times are of a request: of the server, and of Postgres. */
export function tablesOf(figures: readonly Figures[]): string {
  const workloads = [...new Set(figures.map(({ workload }) => workload))];
  return workloads
    .map((workload) => {
      const rows = figures.filter((row) => row.workload === workload);
      return `${workload}\n${table([HEAD, ...rows.map((row) => lineOf(row, rows))])}${failuresIn(rows)}`;
    })
    .join('\n\n');
}

export const number = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '' : value.toFixed(digits);

function lineOf(row: Figures, rows: readonly Figures[]): readonly string[] {
  const { firstByteMs, totalMs, cpuMs, residentMib } = row;
  const most = residentMib?.most ?? [];
  const ratioTo = (target: string): string => {
    const base = rows.find((other) => other.target === target)?.cpuMs.server;
    return base && cpuMs.server !== null ? number(cpuMs.server / base, 2) : '';
  };
  return [
    `  ${row.target}`,
    number(row.perSecond, 0),
    number(firstByteMs.p50, 1),
    number(firstByteMs.p99, 1),
    number(totalMs.p50, 1),
    number(totalMs.p99, 1),
    number(cpuMs.server, 2),
    ratioTo('native pass-through'),
    ratioTo('tee() pass-through'),
    number(cpuMs.postgres, 2),
    most.length === 0 ? '' : `${number(most[0], 0)} > ${number(most.at(-1), 0)}`,
  ];
}

export const failuresIn = (rows: readonly Figures[]): string =>
  rows
    .filter(({ failures }) => failures > 0)
    .map(
      ({ target, failures, answers, firstFailure }) =>
        `\n  ! ${target}: ${failures} of ${failures + answers} failed, the first with ${firstFailure}`,
    )
    .join('');
