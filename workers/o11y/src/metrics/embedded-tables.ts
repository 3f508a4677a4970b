import type { Sql } from '@gateway/worker-utils/sql';

export function createTables(sql: Sql): void {
  sql.all(`CREATE TABLE IF NOT EXISTS dimension (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL, client_name TEXT NOT NULL,
    UNIQUE (provider, model, client_name))`);
  // Requests of a minute, later of an hour, which begins at `at`.
  sql.all(`CREATE TABLE IF NOT EXISTS bucket (
    at INTEGER NOT NULL, dimension INTEGER NOT NULL, is_error INTEGER NOT NULL, user_byok INTEGER NOT NULL,
    ttfb_ms INTEGER NOT NULL, requests INTEGER NOT NULL,
    PRIMARY KEY (at, dimension, is_error, user_byok, ttfb_ms)) WITHOUT ROWID`);
  // Only ever grows: what a scraper takes differences of.
  sql.all(`CREATE TABLE IF NOT EXISTS request_total (
    dimension INTEGER NOT NULL, status_class INTEGER NOT NULL, user_byok INTEGER NOT NULL,
    requests INTEGER NOT NULL, complete_ms INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    PRIMARY KEY (dimension, status_class, user_byok)) WITHOUT ROWID`);
  // First bytes of answers that succeeded, by the smallest bound that they did not exceed.
  sql.all(`CREATE TABLE IF NOT EXISTS first_byte (
    dimension INTEGER NOT NULL, bound INTEGER NOT NULL, requests INTEGER NOT NULL, ttfb_ms INTEGER NOT NULL,
    PRIMARY KEY (dimension, bound)) WITHOUT ROWID`);
  sql.all(`CREATE TABLE IF NOT EXISTS session_total (
    platform TEXT NOT NULL, termination_reason TEXT NOT NULL, sessions INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL, turns INTEGER NOT NULL, steps INTEGER NOT NULL, errors INTEGER NOT NULL,
    stuck_tool_calls INTEGER NOT NULL, compactions INTEGER NOT NULL, tokens INTEGER NOT NULL, cost_usd REAL NOT NULL,
    PRIMARY KEY (platform, termination_reason)) WITHOUT ROWID`);
}
