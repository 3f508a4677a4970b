import type { Backlog } from './backlog.ts';
import { type Chart, lineChart, mostMib, type Value } from './chart.ts';
import type { Series, SeriesKey } from './growth.ts';

type Drawn = Pick<Chart, 'file' | 'title' | 'shows'> & {
  readonly key: SeriesKey;
  readonly y: string;
  /** Each makes a line of every line of the series. */
  readonly values: readonly { readonly name: string; readonly of: Value }[];
};

const server: Value = ({ cpuMs }) => cpuMs.server;
const postgres: Value = ({ cpuMs }) => cpuMs.postgres;

const drawn: readonly Drawn[] = [
  {
    file: 'growth-requests.svg',
    title: 'CPU time for a request, after so many answers',
    shows: 'What has been answered already must not make the next answer dearer: level is good.',
    y: 'ms',
    key: 'requests',
    values: [
      { name: '', of: server },
      { name: 'Postgres', of: postgres },
    ],
  },
  {
    file: 'growth-streams.svg',
    title: 'CPU time for a slow stream, so many at once',
    shows: 'Level, or falling: a stream costs what it costs, however many others run.',
    y: 'ms',
    key: 'streams',
    values: [{ name: '', of: server }],
  },
  {
    file: 'growth-memory.svg',
    title: 'Memory with so many slow streams at once',
    shows:
      'The most that the server held. The axis is logarithmic: what grows with each stream bends upwards.',
    y: 'RSS, MiB',
    key: 'streams',
    values: [{ name: '', of: mostMib }],
  },
  {
    file: 'growth-bodies.svg',
    title: 'CPU time for a request, by the size of its body',
    shows: 'The axis is logarithmic: what grows with each byte bends upwards, as parsing does.',
    y: 'ms',
    key: 'bodies',
    values: [{ name: '', of: server }],
  },
  {
    file: 'growth-cardinality.svg',
    title: 'CPU time for a request, with so many distinct payers or labels',
    shows:
      'Many payers: each is asked about anew, and its settlements share no batch. Many labels (what clients say of themselves): one that a ledger has not seen lately is looked up, or written, before a row can name it.',
    y: 'ms',
    key: 'cardinality',
    values: [
      { name: 'gateway', of: server },
      { name: 'Postgres', of: postgres },
    ],
  },
  {
    file: 'growth-payer.svg',
    title: 'Requests a second of one payer, and of ten',
    shows: 'The ledger of a payer is one thread: how much less one of them can do than ten.',
    y: 'requests a second',
    key: 'payer',
    values: [{ name: '', of: ({ perSecond }) => perSecond }],
  },
];

export function growthCharts(
  series: readonly Series[],
  backlog: readonly Backlog[],
): readonly Chart[] {
  return [...drawn.map((chart) => seriesChart(chart, series)), backlogChart(backlog)];
}

function seriesChart(chart: Drawn, series: readonly Series[]): Chart {
  const { file, title, shows, y, key, values } = chart;
  const found = series.find((one) => one.key === key);
  return lineChart(
    { file, shows },
    {
      title,
      x: found?.axis ?? '',
      y,
      scale: key === 'requests' ? 'linear' : 'logarithmic',
      lines: (found?.lines ?? []).flatMap((line) =>
        values.map(({ name, of }) => ({
          name: [line.name, name].filter(Boolean).join(': '),
          points: line.points.flatMap(({ x, figures }) => {
            const value = of(figures);
            return typeof value === 'number' ? [[x, value] as const] : [];
          }),
        })),
      ),
    },
  );
}

function backlogChart(backlog: readonly Backlog[]): Chart {
  const line = (name: string, ms: (of: Backlog) => number) => ({
    name,
    points: backlog.map((one) => [one.unsettled, ms(one) / 1000] as const),
  });
  return lineChart(
    {
      file: 'growth-backlog.svg',
      shows:
        'Ledgers ask again with growing pauses of up to half a minute, each at a moment of its own; then they send a hundred settlements a statement.',
    },
    {
      title: 'After Postgres was away: until what was owed has landed',
      x: 'settlements that waited',
      y: 'seconds since it is back',
      scale: 'logarithmic',
      lines: [
        line('the first', ({ firstLandedMs }) => firstLandedMs),
        line('all', ({ allLandedMs }) => allLandedMs),
      ],
    },
  );
}
