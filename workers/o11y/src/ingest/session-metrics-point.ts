import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import { blobOf, type DataPoint, indexOf } from './data-point.ts';
import { totalTokensOf } from './total-tokens.ts';

/** Stands for "no answer came": a session that was never answered is not one that was answered at once. */
const NO_RESPONSE = -1;

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
    metrics.timeToFirstResponseMs ?? NO_RESPONSE,
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
