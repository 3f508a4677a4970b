import { type ApiMetrics, OTHER_MODEL } from '@gateway/worker-utils/api-metrics';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { CLIENT_NAME } from '../ingest/client-name.ts';
import { cutToBytes } from '../ingest/cut-to-bytes.ts';
import { isError } from '../ingest/is-error.ts';
import type { Sql } from '@gateway/worker-utils/sql';
import { firstByteBounds } from './first-byte-bounds.ts';
import { roundedTtfb } from './rounded-ttfb.ts';

const MINUTE_MS = 60_000;
/** Callers name models: beyond this many, the new ones share one, but for those with an objective. */
const DIMENSIONS_MAX = 1_000;
const NAME_BYTES_MAX = 256;

/** What was told of an answer, and when. */
export type ToldMetrics = { readonly metrics: ApiMetrics; readonly at: Instant };

/** In as few statements as there are different rows: what came in one second is mostly alike. */
export function writeEmbedded(
  sql: Sql,
  told: readonly ToldMetrics[],
  objectives: ReadonlySet<string> = new Set(),
): void {
  const dimensionOf = dimensionsIn(sql, objectives);
  const known = told.map(({ metrics, at }) => ({ metrics, at, dimension: dimensionOf(metrics) }));
  for (const row of summed(known.map(bucketOf), ['requests'])) addBucket(sql, row);
  for (const row of summed(known.map(totalOf), totalSums)) addTotal(sql, row);
  const answered = known.filter(({ metrics }) => !isError(metrics));
  for (const row of summed(answered.map(firstByteOf), ['requests', 'ttfb'])) addFirstByte(sql, row);
}

type Known = ToldMetrics & { readonly dimension: number };

/** Rows that differ in nothing but what is summed become one. */
function summed<Sum extends string, Row extends Readonly<Record<Sum, number>>>(
  rows: readonly Row[],
  sums: readonly Sum[],
): readonly Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify({ ...row, ...Object.fromEntries(sums.map((name) => [name, 0])) });
    const before = byKey.get(key);
    const added = sums.map((name) => [name, (before?.[name] ?? 0) + row[name]] as const);
    byKey.set(key, { ...row, ...Object.fromEntries(added) });
  }
  return [...byKey.values()];
}

const bucketOf = ({ metrics, at, dimension }: Known) => ({
  minute: at - (at % MINUTE_MS),
  dimension,
  hasFailed: isError(metrics),
  userByok: metrics.userByok,
  // How fast an error came is asked by nobody.
  ttfb: isError(metrics) ? 0 : roundedTtfb(metrics.ttfbMs),
  requests: 1,
});

function addBucket(sql: Sql, row: ReturnType<typeof bucketOf>): void {
  sql.all(
    `INSERT INTO bucket (at, dimension, is_error, user_byok, ttfb_ms, requests) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET requests = requests + excluded.requests`,
    row.minute,
    row.dimension,
    Number(row.hasFailed),
    Number(row.userByok),
    row.ttfb,
    row.requests,
  );
}

const totalOf = ({ metrics, dimension }: Known) => ({
  dimension,
  statusClass: Math.floor(metrics.statusCode / 100),
  userByok: metrics.userByok,
  requests: 1,
  complete: metrics.completeRequestMs,
  input: metrics.tokens?.inputTokens ?? 0,
  output: metrics.tokens?.outputTokens ?? 0,
});
const totalSums = ['requests', 'complete', 'input', 'output'] as const;

function addTotal(sql: Sql, row: ReturnType<typeof totalOf>): void {
  sql.all(
    `INSERT INTO request_total (dimension, status_class, user_byok, requests, complete_ms, input_tokens, output_tokens)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, complete_ms = complete_ms + excluded.complete_ms,
       input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens`,
    row.dimension,
    row.statusClass,
    Number(row.userByok),
    row.requests,
    row.complete,
    row.input,
    row.output,
  );
}

const firstByteOf = ({ metrics: { ttfbMs }, dimension }: Known) => ({
  dimension,
  bound: firstByteBounds.filter((boundMs) => boundMs < ttfbMs).length,
  requests: 1,
  ttfb: ttfbMs,
});

function addFirstByte(sql: Sql, row: ReturnType<typeof firstByteOf>): void {
  sql.all(
    `INSERT INTO first_byte (dimension, bound, requests, ttfb_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, ttfb_ms = ttfb_ms + excluded.ttfb_ms`,
    row.dimension,
    row.bound,
    row.requests,
    row.ttfb,
  );
}

const Row = z.object({ id: z.number() });
const Count = z.object({ count: z.number() });

/** Each is asked for once. */
function dimensionsIn(sql: Sql, objectives: ReadonlySet<string>): (metrics: ApiMetrics) => number {
  const ids = new Map<string, number>();
  return ({ provider, resolvedModel }) => {
    const key = `${provider}\n${resolvedModel}`;
    const id = ids.get(key) ?? idOfOrNew(sql, { provider, model: resolvedModel }, objectives);
    ids.set(key, id);
    return id;
  };
}

type Named = { readonly provider: string; readonly model: string };

function idOfOrNew(sql: Sql, { provider, model }: Named, objectives: ReadonlySet<string>): number {
  const named = {
    provider: cutToBytes(provider, NAME_BYTES_MAX),
    model: cutToBytes(model, NAME_BYTES_MAX),
  };
  const known = idOf(sql, named);
  if (known !== null) return known;
  const [row] = sql.all('SELECT COUNT(*) AS count FROM dimension');
  const isFull = Count.parse(row).count >= DIMENSIONS_MAX && !objectives.has(model);
  const kept = isFull ? { ...named, model: OTHER_MODEL } : named;
  sql.all(
    'INSERT OR IGNORE INTO dimension (provider, model, client_name) VALUES (?, ?, ?)',
    kept.provider,
    kept.model,
    CLIENT_NAME,
  );
  return z.number().parse(idOf(sql, kept));
}

function idOf(sql: Sql, { provider, model }: Named): number | null {
  const [row] = sql.all(
    'SELECT id FROM dimension WHERE provider = ? AND model = ? AND client_name = ?',
    provider,
    model,
    CLIENT_NAME,
  );
  return row === undefined ? null : Row.parse(row).id;
}
