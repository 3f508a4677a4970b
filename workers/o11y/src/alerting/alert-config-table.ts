import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';
import type { ErrorRateConfig, TtfbConfig } from './alert-config.ts';

/** What alerts an operator wants, by model. */
export type AlertConfigTable<T> = {
  /** Sorted by model. */
  readonly list: () => readonly T[];
  readonly get: (model: string) => T | null;
  /** Replaces what the model had. */
  readonly upsert: (config: T) => void;
  /** Removing what is not there is no error. */
  readonly remove: (model: string) => void;
};

const common = {
  model: z.string(),
  enabled: z.number(),
  min_requests_per_window: z.number(),
  updated_at: z.string(),
};
const ErrorRateRow = z
  .object({ ...common, error_rate_slo: z.number() })
  .transform((row): ErrorRateConfig => ({
    model: row.model,
    enabled: row.enabled === 1,
    errorRateSlo: row.error_rate_slo,
    minRequestsPerWindow: row.min_requests_per_window,
    updatedAt: row.updated_at,
  }));
const TtfbRow = z
  .object({ ...common, ttfb_threshold_ms: z.number(), ttfb_slo: z.number() })
  .transform((row): TtfbConfig => ({
    model: row.model,
    enabled: row.enabled === 1,
    ttfbThresholdMs: row.ttfb_threshold_ms,
    ttfbSlo: row.ttfb_slo,
    minRequestsPerWindow: row.min_requests_per_window,
    updatedAt: row.updated_at,
  }));

export function errorRateConfigTable(sql: Sql): AlertConfigTable<ErrorRateConfig> {
  sql.all(`CREATE TABLE IF NOT EXISTS alert_config (
    model TEXT PRIMARY KEY, enabled INTEGER NOT NULL, error_rate_slo REAL NOT NULL,
    min_requests_per_window INTEGER NOT NULL, updated_at TEXT NOT NULL)`);
  return {
    ...reading(sql, 'alert_config', ErrorRateRow),
    upsert: (config) => {
      sql.all(
        'INSERT OR REPLACE INTO alert_config (model, enabled, error_rate_slo, min_requests_per_window, updated_at) VALUES (?, ?, ?, ?, ?)',
        config.model,
        Number(config.enabled),
        config.errorRateSlo,
        config.minRequestsPerWindow,
        config.updatedAt,
      );
    },
  };
}

export function ttfbConfigTable(sql: Sql): AlertConfigTable<TtfbConfig> {
  sql.all(`CREATE TABLE IF NOT EXISTS ttfb_alert_config (
    model TEXT PRIMARY KEY, enabled INTEGER NOT NULL, ttfb_threshold_ms INTEGER NOT NULL,
    ttfb_slo REAL NOT NULL, min_requests_per_window INTEGER NOT NULL, updated_at TEXT NOT NULL)`);
  return {
    ...reading(sql, 'ttfb_alert_config', TtfbRow),
    upsert: (config) => {
      sql.all(
        'INSERT OR REPLACE INTO ttfb_alert_config (model, enabled, ttfb_threshold_ms, ttfb_slo, min_requests_per_window, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
        config.model,
        Number(config.enabled),
        config.ttfbThresholdMs,
        config.ttfbSlo,
        config.minRequestsPerWindow,
        config.updatedAt,
      );
    },
  };
}

function reading<T>(
  sql: Sql,
  table: 'alert_config' | 'ttfb_alert_config',
  row: z.ZodType<T>,
): Pick<AlertConfigTable<T>, 'list' | 'get' | 'remove'> {
  return {
    list: () => sql.all(`SELECT * FROM ${table} ORDER BY model`).map((found) => row.parse(found)),
    get(model) {
      const [found] = sql.all(`SELECT * FROM ${table} WHERE model = ?`, model);
      return found === undefined ? null : row.parse(found);
    },
    remove: (model) => {
      sql.all(`DELETE FROM ${table} WHERE model = ?`, model);
    },
  };
}
