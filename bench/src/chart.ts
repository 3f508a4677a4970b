import type { Figures } from './figures.ts';
import { type BarChart, bars } from './svg/bars.ts';
import { type LineChart, lines } from './svg/lines.ts';

/** A picture of a page, and what is said under it. */
export type Chart = {
  readonly file: string;
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly shows: string;
  readonly svg: string;
};
type About = Pick<Chart, 'file' | 'shows'>;

export const barChart = (about: About, chart: BarChart): Chart => ({
  ...about,
  title: chart.title,
  svg: bars(chart),
});
export const lineChart = (about: About, chart: LineChart): Chart => ({
  ...about,
  title: chart.title,
  svg: lines(chart),
});

/** One of the figures. Without a number, nothing was measured, and nothing is drawn. */
export type Value = (figures: Figures) => number | null | undefined;

export const mostMib: Value = ({ residentMib }) =>
  residentMib && residentMib.most.length > 0 ? Math.max(...residentMib.most) : null;
