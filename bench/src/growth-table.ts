import type { Backlog } from './backlog.ts';
import type { Series } from './growth.ts';
import { mostMib } from './chart.ts';
import { number, table } from './table.ts';

/** One for each series, and one for the time after Postgres was away. */
export function growthTables(series: readonly Series[], backlog: readonly Backlog[]): string {
  const tables = series.map(({ axis, lines }) => {
    const rows = lines.flatMap(({ name, points }) =>
      points.map(({ x, figures }) => [
        `  ${name}`,
        String(x),
        number(figures.perSecond, 0),
        number(figures.firstByteMs.p50, 1),
        number(figures.totalMs.p99, 1),
        number(figures.cpuMs.server, 2),
        number(figures.cpuMs.postgres, 2),
        number(mostMib(figures), 0),
        figures.failures === 0 ? '' : `${figures.failures} failed: ${figures.firstFailure}`,
      ]),
    );
    const head = ['', axis, 'req/s', 'first p50', 'p99 ms', 'CPU ms', 'Postgres', 'RSS MiB', ''];
    return table([head, ...rows]);
  });
  return [...tables, backlogTable(backlog)].join('\n\n');
}

function backlogTable(backlog: readonly Backlog[]): string {
  const head = ['while Postgres was away', 'settlements', 'failed', 'req/s', 'p50 ms'];
  const rows = backlog.map(({ unsettled, failures, perSecond, p50Ms, ...landed }) => [
    '',
    String(unsettled),
    String(failures),
    number(perSecond, 0),
    number(p50Ms, 1),
    number(landed.firstLandedMs / 1000, 1),
    number(landed.allLandedMs / 1000, 1),
  ]);
  return table([[...head, 'first landed, s', 'all landed, s'], ...rows]);
}
