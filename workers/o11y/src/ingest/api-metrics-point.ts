import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { cutToBytes } from './cut-to-bytes.ts';
import { blobOf, type DataPoint, flagOf, indexOf } from './data-point.ts';
import { CLIENT_NAME } from './client-name.ts';
import { isError } from './is-error.ts';

/** Names of tools are the caller's own: many of them must not cost the point. */
const TOOLS_BYTES_MAX = 700;

/** The order of blobs and doubles is read by saved queries: append only. */
export function apiMetricsPoint(metrics: ApiMetrics): DataPoint {
  const { tokens } = metrics;
  return {
    indexes: [indexOf(metrics.resolvedModel)],
    blobs: [
      blobOf(metrics.provider),
      blobOf(metrics.resolvedModel),
      CLIENT_NAME,
      flagOf(isError(metrics)),
      blobOf(metrics.inferenceProvider),
      flagOf(metrics.userByok),
      // What the first six leave out; older points do not have it.
      blobOf(metrics.requestedModel),
      blobOf(metrics.mode ?? ''),
      flagOf(metrics.isAnonymous),
      flagOf(metrics.isStreaming),
      cutToBytes(metrics.toolsAvailable.join(','), TOOLS_BYTES_MAX),
      cutToBytes(metrics.toolsUsed.join(','), TOOLS_BYTES_MAX),
      metrics.ending ?? '',
    ],
    doubles: [
      metrics.ttfbMs,
      metrics.completeRequestMs,
      metrics.statusCode,
      // Zero where nothing was told, so that a sum over a column is right.
      tokens?.inputTokens ?? 0,
      tokens?.outputTokens ?? 0,
      tokens?.cacheWriteTokens ?? 0,
      tokens?.cacheHitTokens ?? 0,
      tokens?.totalTokens ?? 0,
      metrics.attempts ?? 0,
    ],
  };
}
