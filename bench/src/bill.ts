import type { Figures } from './figures.ts';
import { table } from './table.ts';
import { targetNames } from './targets.ts';
import { streamed } from './workloads.ts';

// What a deployment would be billed: from what was measured here, what an exchange does, and what the platform has published.

const REQUESTS_PER_SECOND = 10_000;
/** Of thirty days, at that rate without a pause. */
const SECONDS_A_MONTH = 30 * 24 * 60 * 60;
const MILLION = 1_000_000;

type Item = {
  readonly item: string;
  /** Of a paid, streamed exchange. */
  readonly perRequest: number;
  /** In dollars, for a million of them. What a plan includes is too little to matter. */
  readonly perMillion: number;
};

/** Held, named, settled; brought to Postgres, and once more with the provider's record; and alarms, which many exchanges share. */
const OBJECT_REQUESTS = 5.15;
/** As SQLite counts them: an entry is written five times and removed, two facts are replaced; and alarms. */
const OBJECT_ROWS_WRITTEN = 8.15;
/** An object is billed for 128 MB while it is at work: for the three messages, and while it waits for Postgres, twice. */
const OBJECT_GB_SECONDS = 0.128 * 0.1;
/** The invocation and its line; and the invocation of `o11y`. */
const LOG_EVENTS = 3;

const itemsOf = (cpuMs: number): readonly Item[] => [
  { item: 'Workers: requests', perRequest: 1, perMillion: 0.3 },
  { item: 'Workers and objects: CPU ms (measured)', perRequest: cpuMs, perMillion: 0.02 },
  { item: 'Durable Objects: requests', perRequest: OBJECT_REQUESTS, perMillion: 0.15 },
  { item: 'Durable Objects: GB-s', perRequest: OBJECT_GB_SECONDS, perMillion: 12.5 },
  { item: 'Durable Objects: rows written', perRequest: OBJECT_ROWS_WRITTEN, perMillion: 1 },
  { item: 'Analytics Engine: data points', perRequest: 1, perMillion: 0.25 },
  { item: 'Workers Logs: events, if none is left out', perRequest: LOG_EVENTS, perMillion: 0.6 },
];

/** Null: what it needs was not measured. */
export function billOf(figures: readonly Figures[]): string | null {
  const row = figures.find(
    ({ workload, target }) => workload === streamed.name && target === targetNames.paid,
  );
  const { server, postgres } = row?.cpuMs ?? {};
  if (typeof server !== 'number' || typeof postgres !== 'number') return null;
  const monthly = itemsOf(server).map(({ item, perRequest, perMillion }) => {
    const millions = (perRequest * REQUESTS_PER_SECOND * SECONDS_A_MONTH) / MILLION;
    return { item, perRequest, perMillion, millions, dollars: millions * perMillion };
  });
  const rows = monthly.map(({ item, perRequest, perMillion, millions, dollars }) => [
    item,
    String(Number(perRequest.toPrecision(3))),
    Math.round(millions).toLocaleString('en'),
    perMillion.toFixed(2),
    Math.round(dollars).toLocaleString('en'),
  ]);
  const total = monthly.reduce((sum, { dollars }) => sum + dollars, 0);
  const head = ['', 'a request', 'millions a month', 'USD a million', 'USD a month'];
  const cores = (milliseconds: number): string =>
    ((milliseconds * REQUESTS_PER_SECOND) / 1000).toFixed(0);
  return [
    table([head, ...rows, ['sum', '', '', '', Math.round(total).toLocaleString('en')]]),
    `Cores of this machine that ${REQUESTS_PER_SECOND} streamed requests a second keep busy: ${cores(server)} of the gateway, ${cores(postgres)} of Postgres.`,
  ].join('\n\n');
}
