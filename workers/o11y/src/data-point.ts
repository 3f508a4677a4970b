import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';

const CLIENT_NAME = 'kilo-gateway';
/** Analytics Engine drops a whole point, silently, when its index is longer. */
const INDEX_BYTES_MAX = 96;

/** The order of blobs and doubles is read by saved queries: append only. */
export function dataPointOf(metrics: ApiMetrics): {
  readonly indexes: string[];
  readonly blobs: string[];
  readonly doubles: number[];
} {
  return {
    indexes: [cutToBytes(metrics.resolvedModel, INDEX_BYTES_MAX)],
    blobs: [
      metrics.provider,
      metrics.resolvedModel,
      CLIENT_NAME,
      metrics.statusCode >= 400 ? '1' : '0',
      metrics.inferenceProvider,
      metrics.userByok ? '1' : '0',
    ],
    doubles: [metrics.ttfbMs, metrics.completeRequestMs, metrics.statusCode],
  };
}

/** The longest prefix of whole characters that fits. */
function cutToBytes(text: string, bytesMax: number): string {
  const buffer = new Uint8Array(bytesMax);
  const { read } = new TextEncoder().encodeInto(text, buffer);
  return text.slice(0, read);
}
