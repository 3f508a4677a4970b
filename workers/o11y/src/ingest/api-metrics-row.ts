import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { Instant } from '@gateway/worker-utils/time';
import { cutToBytes } from './cut-to-bytes.ts';
import { CLIENT_NAME } from './client-name.ts';
import { isError } from './is-error.ts';

/** Names of tools are the caller's own: many of them, or long ones, must not cost the row. */
const TOOLS_MAX = 128;
const TOOL_BYTES_MAX = 128;
const toolsOf = (tools: readonly string[]) =>
  tools.slice(0, TOOLS_MAX).map((tool) => cutToBytes(tool, TOOL_BYTES_MAX));

/**
 * A row of the stream: the columns it always had, each with a value, then what they leave out. Those are optional, and a stream
 * that does not know them takes the row without them.
 */
export function apiMetricsRow(metrics: ApiMetrics, now: Instant) {
  const { tokens } = metrics;
  return {
    provider: metrics.provider,
    resolved_model: metrics.resolvedModel,
    client_name: CLIENT_NAME,
    is_error: isError(metrics),
    inference_provider: metrics.inferenceProvider,
    user_byok: metrics.userByok,
    ttfb_ms: metrics.ttfbMs,
    complete_request_ms: metrics.completeRequestMs,
    status_code: metrics.statusCode,
    created_at: now,
    requested_model: metrics.requestedModel,
    ...(metrics.mode !== undefined && { mode: metrics.mode }),
    is_anonymous: metrics.isAnonymous,
    is_streaming: metrics.isStreaming,
    tools_available: toolsOf(metrics.toolsAvailable),
    tools_used: toolsOf(metrics.toolsUsed),
    ...(tokens?.inputTokens !== undefined && { input_tokens: tokens.inputTokens }),
    ...(tokens?.outputTokens !== undefined && { output_tokens: tokens.outputTokens }),
    ...(tokens?.cacheWriteTokens !== undefined && { cache_write_tokens: tokens.cacheWriteTokens }),
    ...(tokens?.cacheHitTokens !== undefined && { cache_hit_tokens: tokens.cacheHitTokens }),
    ...(tokens?.totalTokens !== undefined && { total_tokens: tokens.totalTokens }),
    ...(metrics.attempts !== undefined && { attempts: metrics.attempts }),
    ...(metrics.ending !== undefined && { ending: metrics.ending }),
  };
}
