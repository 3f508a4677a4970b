import type { Backlog } from './backlog.ts';
import { billOf } from './bill.ts';
import type { Chart } from './chart.ts';
import { costCharts } from './cost-charts.ts';
import type { Figures } from './figures.ts';
import { goalsOf, goalTable } from './goals.ts';
import type { Series } from './growth.ts';
import { growthCharts } from './growth-charts.ts';
import { growthTables } from './growth-table.ts';
import type { machine } from './machine.ts';
import { type Page, pictures, verbatim } from './publish.ts';
import { tablesOf } from './table.ts';

/** When and where something was measured. */
export type Circumstances = {
  readonly at: string;
  readonly seconds: number;
  readonly machine: ReturnType<typeof machine>;
  /** Which part of the machine others have used meanwhile. */
  readonly othersPercent: number;
  readonly isQuick: boolean;
};

/** What a run has found: for people, for programs, and for the pages. */
export type Report = {
  readonly text: string;
  readonly json: unknown;
  readonly pages: readonly Page[];
  readonly charts: readonly Chart[];
  /** Something was asked and never answered. */
  readonly isIncomplete: boolean;
};

export const heading = ({ at, seconds, machine, othersPercent, isQuick }: Circumstances): string =>
  [
    `${at}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, Linux ${machine.kernel}, load ${machine.load} before`,
    `${isQuick ? 'Quick, and rough: ' : ''}${Math.round(seconds)} seconds. Others used ${othersPercent} % of the machine.`,
  ].join('\n');

export function costReport(circumstances: Circumstances, figures: readonly Figures[]): Report {
  const goals = goalsOf(figures);
  const head = heading(circumstances);
  const tables = `${head}\n\n${tablesOf(figures)}`;
  const charts = costCharts(figures);
  const bill = billOf(figures);
  const performance = {
    goals: verbatim(`${head}\n\n${goalTable(goals)}`),
    charts: pictures(charts),
    figures: verbatim(tables),
  };
  return {
    text: `${tables}\n\n${goalTable(goals)}`,
    json: { ...circumstances, goals, figures },
    pages: [
      { file: 'performance.md', blocks: performance },
      ...(bill === null
        ? []
        : [{ file: 'scaling.md', blocks: { bill: verbatim(`${head}\n\n${bill}`) } }]),
    ],
    charts,
    isIncomplete: figures.some(({ answers }) => answers === 0),
  };
}

export type Growth = { readonly series: readonly Series[]; readonly backlog: readonly Backlog[] };

export function growthReport(circumstances: Circumstances, growth: Growth): Report {
  const { series, backlog } = growth;
  const text = `${heading(circumstances)}\n\n${growthTables(series, backlog)}`;
  const charts = growthCharts(series, backlog);
  const points = series.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  return {
    text,
    json: { ...circumstances, ...growth },
    pages: [
      {
        file: 'performance.md',
        blocks: { growth: `${pictures(charts)}\n\n${verbatim(text)}` },
      },
    ],
    charts,
    isIncomplete: points.some(({ figures }) => figures.answers === 0),
  };
}
