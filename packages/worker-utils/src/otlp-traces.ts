import type { Instant } from './time.ts';
import type { SpanId, TraceId } from './trace-context.ts';

export type Span = {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** Null: the first of its trace. */
  readonly parentSpanId: SpanId | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Ids, names, counts and durations: never a body, a header or an address. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly status: keyof typeof statusCodes;
};

const kinds = { internal: 1, server: 2, client: 3 } as const;
const statusCodes = { unset: 0, ok: 1, error: 2 } as const;

/** The body of an export request in OTLP's JSON, which has ids in hex and 64-bit integers as strings. */
export const otlpTraces = (serviceName: string, spans: readonly Span[]) => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf({ 'service.name': serviceName }) },
      scopeSpans: [{ scope: { name: 'llm-gateway' }, spans: spans.map(spanOf) }],
    },
  ],
});

const spanOf = (span: Span) => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentSpanId !== null && { parentSpanId: span.parentSpanId }),
  name: span.name,
  kind: kinds[span.kind],
  startTimeUnixNano: nanosOf(span.startedAt),
  endTimeUnixNano: nanosOf(span.endedAt),
  attributes: attributesOf(span.attributes),
  status: { code: statusCodes[span.status] },
});

const nanosOf = (at: Instant): string => (BigInt(at) * 1_000_000n).toString();

const attributesOf = (attributes: Span['attributes']) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));

function valueOf(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
