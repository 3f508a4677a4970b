import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { Sql } from '@gateway/worker-utils/sql';
import { z } from 'zod';
import { cutToBytes } from '../ingest/cut-to-bytes.ts';
import { totalTokensOf } from '../ingest/total-tokens.ts';

/** Callers name platforms: beyond this many, the new ones share one, but for those that our own clients name. */
const PLATFORMS_MAX = 100;
const OWN_PLATFORMS: ReadonlySet<string> = new Set([
  'cli',
  'vscode',
  'jetbrains',
  'cloud-agent',
  'agent-manager',
  'app-builder',
  'slack',
  'webhook',
  'unknown',
]);
const NAME_BYTES_MAX = 64;
const OTHER_PLATFORM = 'other';

const Count = z.object({ count: z.number() });

export function writeSessionEmbedded(sql: Sql, metrics: SessionMetrics): void {
  sql.all(
    `INSERT INTO session_total (platform, termination_reason, sessions, duration_ms, turns, steps, errors,
       stuck_tool_calls, compactions, tokens, cost_usd)
     VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET sessions = sessions + 1, duration_ms = duration_ms + excluded.duration_ms,
       turns = turns + excluded.turns, steps = steps + excluded.steps, errors = errors + excluded.errors,
       stuck_tool_calls = stuck_tool_calls + excluded.stuck_tool_calls,
       compactions = compactions + excluded.compactions, tokens = tokens + excluded.tokens,
       cost_usd = cost_usd + excluded.cost_usd`,
    platformOf(sql, cutToBytes(metrics.platform, NAME_BYTES_MAX)),
    metrics.terminationReason,
    metrics.sessionDurationMs,
    metrics.totalTurns,
    metrics.totalSteps,
    metrics.totalErrors,
    metrics.stuckToolCallCount,
    metrics.compactionCount,
    totalTokensOf(metrics),
    metrics.totalCost,
  );
}

function platformOf(sql: Sql, platform: string): string {
  if (OWN_PLATFORMS.has(platform)) return platform;
  const isKnown =
    sql.all('SELECT 1 FROM session_total WHERE platform = ? LIMIT 1', platform).length > 0;
  if (isKnown) return platform;
  const [row] = sql.all('SELECT COUNT(DISTINCT platform) AS count FROM session_total');
  return Count.parse(row).count >= PLATFORMS_MAX ? OTHER_PLATFORM : platform;
}
