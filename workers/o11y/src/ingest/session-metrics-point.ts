import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import { blobOf, type DataPoint, indexOf } from './data-point.ts';
import { totalTokensOf } from './total-tokens.ts';

/** A session that was never answered is not one that was answered at once. */
export const NO_RESPONSE_MS = -1;

/** The order of blobs and doubles is read by saved queries: append only. */
export const sessionMetricsPoint = (metrics: SessionMetrics): DataPoint => ({
  indexes: [indexOf(metrics.platform)],
  blobs: [
    metrics.terminationReason,
    blobOf(metrics.platform),
    blobOf(metrics.organizationId),
    blobOf(metrics.kiloUserId),
    blobOf(metrics.model),
  ],
  doubles: [
    metrics.sessionDurationMs,
    metrics.timeToFirstResponseMs ?? NO_RESPONSE_MS,
    metrics.totalTurns,
    metrics.totalSteps,
    metrics.totalErrors,
    totalTokensOf(metrics),
    metrics.totalCost,
    metrics.compactionCount,
    metrics.stuckToolCallCount,
    metrics.autoCompactionCount,
    metrics.ingestVersion,
  ],
});
