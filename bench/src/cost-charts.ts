import { barChart, type Chart, lineChart, type Value } from './chart.ts';
import type { Figures } from './figures.ts';
import { LOOK_MS } from './rounds.ts';
import type { Bar } from './svg/bars.ts';
import { AMBER, BLUE, GREEN, GREY, PURPLE } from './svg/canvas.ts';
import { targetNames } from './targets.ts';
import {
  BODY_BYTES,
  bodiesOf,
  oneClient,
  slow,
  small,
  streamed,
  type Workload,
} from './workloads.ts';

const colours: Readonly<Record<string, string>> = {
  [targetNames.portkey]: AMBER,
  [targetNames.tee]: GREEN,
  [targetNames.parsed]: PURPLE,
};
const colourOf = (target: string): string =>
  target.startsWith('gateway') ? BLUE : (colours[target] ?? GREY);

/** What a request costs, beside what else there is. */
export function costCharts(figures: readonly Figures[]): readonly Chart[] {
  const of = (workload: Workload) => figures.filter((row) => row.workload === workload.name);
  const groups = (workloads: readonly Workload[], value: Value, upTo?: Value) =>
    workloads.map((workload) => ({
      name: workload.name,
      bars: barsOf(of(workload), value, upTo),
    }));
  return [
    barChart(
      {
        file: 'cpu.svg',
        shows:
          'Of the process of the server alone, what it does behind its answers included. Less is better. Of what is green or grey, nobody on workerd needs less.',
      },
      {
        title: 'CPU time of the server for a request',
        unit: 'ms',
        groups: groups([small, streamed], ({ cpuMs }) => cpuMs.server),
      },
    ),
    barChart(
      {
        file: 'throughput.svg',
        shows:
          'Clients, provider, Postgres and server share the cores of one machine. More is better.',
      },
      {
        title: 'Requests a second',
        unit: '/s',
        groups: groups([small, streamed], ({ perSecond }) => perSecond),
      },
    ),
    barChart(
      {
        file: 'latency.svg',
        shows:
          'The thick bar ends at the median, the thin one at the 99th percentile. What is above `upstream directly` is added.',
      },
      {
        title: 'Time until a whole answer, one client',
        unit: 'ms',
        groups: groups(
          [oneClient],
          ({ totalMs }) => totalMs.p50,
          ({ totalMs }) => totalMs.p99,
        ),
      },
    ),
    bodiesChart(of),
    memoryChart(of(slow)),
  ];
}

function barsOf(rows: readonly Figures[], value: Value, upTo?: Value): readonly Bar[] {
  return rows.flatMap((row): readonly Bar[] => {
    const [measured, most] = [value(row), upTo?.(row)];
    if (typeof measured !== 'number') return [];
    const bar = { name: row.target, value: measured, colour: colourOf(row.target) };
    return [typeof most === 'number' ? { ...bar, upTo: most } : bar];
  });
}

const byBody = [targetNames.tee, targetNames.parsed, targetNames.portkey, targetNames.paid];

const bodiesChart = (of: (workload: Workload) => readonly Figures[]): Chart =>
  lineChart(
    {
      file: 'bodies.svg',
      shows:
        'Bodies as agents send them: many messages, and tools. Who looks at one can’t be below the violet line.',
    },
    {
      title: 'CPU time of the server for a request, by the size of its body',
      x: 'bytes of the request',
      y: 'ms',
      scale: 'logarithmic',
      lines: byBody.map((name) => ({
        name,
        colour: colourOf(name),
        points: BODY_BYTES.flatMap((bytes) => {
          const row = of(bodiesOf(bytes)).find(({ target }) => target === name);
          return typeof row?.cpuMs.server === 'number' ? [[bytes, row.cpuMs.server] as const] : [];
        }),
      })),
    },
  );

const memoryChart = (rows: readonly Figures[]): Chart =>
  lineChart(
    {
      file: 'memory.svg',
      shows:
        'Each round begins the same number of streams again. A line that stays level shows that nothing of a stream is kept.',
    },
    {
      title: `Memory of the server while ${slow.clients} slow streams run, round after round`,
      x: 'seconds',
      y: 'RSS, MiB',
      scale: 'linear',
      lines: rows.map(({ target, residentSeenMib }) => ({
        name: target,
        colour: colourOf(target),
        points: (residentSeenMib ?? []).map((mib, look) => [(look * LOOK_MS) / 1000, mib] as const),
      })),
    },
  );
