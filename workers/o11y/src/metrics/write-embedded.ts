import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { CLIENT_NAME } from '../ingest/client-name.ts';
import { cutToBytes } from '../ingest/cut-to-bytes.ts';
import { isError } from '../ingest/is-error.ts';
import type { Sql } from '@gateway/worker-utils/sql';
import { firstByteBounds } from './first-byte-bounds.ts';
import { roundedTtfb } from './rounded-ttfb.ts';

const MINUTE_MS = 60_000;
/** Callers name models: beyond this many, the new ones share one. */
const DIMENSIONS_MAX = 1_000;
const NAME_BYTES_MAX = 256;
const OTHER_MODEL = 'other';

export function writeEmbedded(sql: Sql, metrics: ApiMetrics, now: Instant): void {
  const dimension = dimensionOf(sql, metrics);
  const hasFailed = isError(metrics);
  sql.all(
    `INSERT INTO bucket (at, dimension, is_error, user_byok, ttfb_ms, requests) VALUES (?, ?, ?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET requests = requests + 1`,
    now - (now % MINUTE_MS),
    dimension,
    Number(hasFailed),
    Number(metrics.userByok),
    // How fast an error came is asked by nobody.
    hasFailed ? 0 : roundedTtfb(metrics.ttfbMs),
  );
  addToTotals(sql, dimension, metrics);
  if (!hasFailed) addFirstByte(sql, dimension, metrics.ttfbMs);
}

function addToTotals(sql: Sql, dimension: number, metrics: ApiMetrics): void {
  sql.all(
    `INSERT INTO request_total (dimension, status_class, user_byok, requests, complete_ms, input_tokens, output_tokens)
     VALUES (?, ?, ?, 1, ?, ?, ?)
     ON CONFLICT DO UPDATE SET requests = requests + 1, complete_ms = complete_ms + excluded.complete_ms,
       input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens`,
    dimension,
    Math.floor(metrics.statusCode / 100),
    Number(metrics.userByok),
    metrics.completeRequestMs,
    metrics.tokens?.inputTokens ?? 0,
    metrics.tokens?.outputTokens ?? 0,
  );
}

function addFirstByte(sql: Sql, dimension: number, ttfbMs: number): void {
  sql.all(
    `INSERT INTO first_byte (dimension, bound, requests, ttfb_ms) VALUES (?, ?, 1, ?)
     ON CONFLICT DO UPDATE SET requests = requests + 1, ttfb_ms = ttfb_ms + excluded.ttfb_ms`,
    dimension,
    firstByteBounds.filter((boundMs) => boundMs < ttfbMs).length,
    ttfbMs,
  );
}

const Row = z.object({ id: z.number() });
const Count = z.object({ count: z.number() });

function dimensionOf(sql: Sql, { provider, resolvedModel }: ApiMetrics): number {
  const named = {
    provider: cutToBytes(provider, NAME_BYTES_MAX),
    model: cutToBytes(resolvedModel, NAME_BYTES_MAX),
  };
  const known = idOf(sql, named);
  if (known !== null) return known;
  const [row] = sql.all('SELECT COUNT(*) AS count FROM dimension');
  const isFull = Count.parse(row).count >= DIMENSIONS_MAX;
  const kept = isFull ? { ...named, model: OTHER_MODEL } : named;
  sql.all(
    'INSERT OR IGNORE INTO dimension (provider, model, client_name) VALUES (?, ?, ?)',
    kept.provider,
    kept.model,
    CLIENT_NAME,
  );
  return z.number().parse(idOf(sql, kept));
}

function idOf(
  sql: Sql,
  { provider, model }: { readonly provider: string; readonly model: string },
): number | null {
  const [row] = sql.all(
    'SELECT id FROM dimension WHERE provider = ? AND model = ? AND client_name = ?',
    provider,
    model,
    CLIENT_NAME,
  );
  return row === undefined ? null : Row.parse(row).id;
}
