import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { Instant } from '@gateway/worker-utils/time';
import { totalTokensOf } from './total-tokens.ts';

/** A row of the stream. A column without a value is left out. */
export const sessionMetricsRow = (metrics: SessionMetrics, now: Instant) => ({
  platform: metrics.platform,
  termination_reason: metrics.terminationReason,
  kilo_user_id: metrics.kiloUserId,
  organization_id: metrics.organizationId,
  model: metrics.model,
  session_duration_ms: metrics.sessionDurationMs,
  ...(metrics.timeToFirstResponseMs !== undefined && {
    time_to_first_response_ms: metrics.timeToFirstResponseMs,
  }),
  total_turns: metrics.totalTurns,
  total_steps: metrics.totalSteps,
  total_errors: metrics.totalErrors,
  total_tokens: totalTokensOf(metrics),
  total_cost: metrics.totalCost,
  compaction_count: metrics.compactionCount,
  stuck_tool_call_count: metrics.stuckToolCallCount,
  auto_compaction_count: metrics.autoCompactionCount,
  ingest_version: metrics.ingestVersion,
  created_at: now,
});
