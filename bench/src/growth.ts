import { type Figures, figuresOf } from './figures.ts';
import { PAYERS } from './payers.ts';
import { measure, type Needs, type Size } from './rounds.ts';
import type { Targets } from './targets.ts';
import { bodiesOf, plain, slowStreams, type Workload } from './workloads.ts';

// How the cost grows with what there is more of.

/** One line of measured points for each way in which the same is asked. */
export type Series = {
  readonly key: SeriesKey;
  /** What there is more of. */
  readonly axis: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly figures: Figures }[];
  }[];
};
export type SeriesKey = 'streams' | 'bodies' | 'cardinality' | 'payer' | 'requests';

type Asked = {
  readonly key: SeriesKey;
  readonly axis: string;
  readonly at: readonly number[];
  readonly lines: readonly {
    readonly name: string;
    readonly target: 'tee' | 'parsed' | 'paid';
    readonly workload: (x: number) => Workload;
  }[];
  readonly size: Size;
};

/** `most`: of streams, payers and labels. */
export type GrowthExtent = {
  readonly most: number;
  readonly size: Size;
  /** How many settlements wait for Postgres. */
  readonly backlogs: readonly number[];
};
export const growthExtents = {
  whole: {
    most: 1_000,
    size: { warmUpAsked: 4 * PAYERS, rounds: 2, sampleMs: 1_500, settleMs: 400 },
    backlogs: [100, 1_000, 3_000],
  },
  quick: {
    most: 100,
    size: { warmUpAsked: 2 * PAYERS, rounds: 1, sampleMs: 300, settleMs: 200 },
    backlogs: [100, 300],
  },
} as const satisfies Record<string, GrowthExtent>;

const askedOf = ({ most, size }: GrowthExtent): readonly Asked[] => [
  {
    key: 'streams',
    axis: 'streams at once',
    at: [1, 10, 50, 100, 250, 500, 1_000].filter((count) => count <= most),
    lines: (['tee', 'paid'] as const).map((target) => ({
      name: target === 'tee' ? 'tee() pass-through' : 'gateway, paid',
      target,
      workload: slowStreams,
    })),
    size: { ...size, sampleMs: 0 },
  },
  {
    key: 'bodies',
    axis: 'bytes of the request',
    at: [1_000, 10_000, 100_000, 1_000_000, 10_000_000].filter((bytes) => bytes <= most * 10_000),
    lines: (['parsed', 'paid'] as const).map((target) => ({
      name: target === 'parsed' ? 'parse and serialise' : 'gateway, paid',
      target,
      workload: bodiesOf,
    })),
    size,
  },
  {
    key: 'cardinality',
    axis: 'distinct ones, taking turns',
    at: [1, 10, 100, 1_000].filter((count) => count <= most),
    lines: [
      { name: 'payers', target: 'paid', workload: payers },
      { name: 'labels', target: 'paid', workload: labels },
    ],
    size,
  },
  {
    key: 'payer',
    axis: 'requests at once',
    at: [1, 4, 16, 64].filter((count) => count <= most),
    lines: [
      { name: 'one payer', target: 'paid', workload: (clients) => atOnce(clients, 1) },
      { name: 'ten payers', target: 'paid', workload: (clients) => atOnce(clients, 10) },
    ],
    size,
  },
];

const payers = (count: number): Workload => ({
  ...plain,
  name: `small answers, ${count} payers`,
  payers: count,
});
const labels = (count: number): Workload => ({
  ...plain,
  name: `small answers, ${count} labels`,
  labels: count,
});
const atOnce = (clients: number, among: number): Workload => ({
  ...plain,
  name: `small answers, ${clients} at once of ${among}`,
  clients,
  payers: among,
});

export async function measureGrowth(
  targets: Targets,
  extent: GrowthExtent,
  needs: Needs,
): Promise<readonly Series[]> {
  const series: Series[] = [];
  for (const { key, axis, at, lines, size } of askedOf(extent)) {
    // The lines of one point beside each other, so that what the machine does besides hits both.
    const points = at.map((x) => lines.map((line) => ({ line, x })));
    const measured = await measure(
      points.flat().map(({ line, x }) => ({
        workload: line.workload(x),
        targets: [targets[line.target]],
        size,
      })),
      { ...needs, progress: (done, all, what) => needs.progress(done, all, `${key}: ${what}`) },
    );
    const figures = measured.map(figuresOf);
    series.push({
      key,
      axis,
      lines: lines.map(({ name }, index) => ({
        name,
        points: at.flatMap((x, place) => {
          const found = figures[place * lines.length + index];
          return found ? [{ x, figures: found }] : [];
        }),
      })),
    });
  }
  return [...series, await afterMany(targets, extent, needs)];
}

const BATCHES = 8;

/** The same again and again: what a server has answered already must not make the next answer dearer. */
async function afterMany(targets: Targets, { size }: GrowthExtent, needs: Needs): Promise<Series> {
  const workload = { ...plain, name: 'small answers, on and on' };
  const plan = Array.from({ length: BATCHES }, () => ({
    workload,
    targets: [targets.paid],
    size: { ...size, warmUpAsked: 1, rounds: 1, sampleMs: size.rounds * size.sampleMs },
  }));
  let answered = 0;
  const points = (await measure(plan, needs)).map(figuresOf).map((figures) => {
    answered += figures.answers;
    return { x: answered, figures };
  });
  return {
    key: 'requests',
    axis: 'requests answered',
    lines: [{ name: 'gateway, paid', points }],
  };
}
