import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { Instant } from '@gateway/worker-utils/time';
import { blobOf } from './data-point.ts';
import { NO_RESPONSE_MS } from './session-metrics-point.ts';
import { totalTokensOf } from './total-tokens.ts';

/** A row of the stream. It has every column: a stream drops a row, silently, that lacks one which it requires. */
export const sessionMetricsRow = (metrics: SessionMetrics, now: Instant) => ({
  platform: blobOf(metrics.platform),
  termination_reason: metrics.terminationReason,
  kilo_user_id: metrics.kiloUserId,
  organization_id: metrics.organizationId,
  model: blobOf(metrics.model),
  session_duration_ms: metrics.sessionDurationMs,
  time_to_first_response_ms: metrics.timeToFirstResponseMs ?? NO_RESPONSE_MS,
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
