import { z } from 'zod';
import { hexOf } from './hex.ts';

/** 32 hex digits, not all zero. */
export const TraceId = z
  .string()
  .regex(/^(?!0+$)[0-9a-f]{32}$/)
  .brand<'TraceId'>();
export type TraceId = z.infer<typeof TraceId>;

/** 16 hex digits, not all zero. */
export const SpanId = z
  .string()
  .regex(/^(?!0+$)[0-9a-f]{16}$/)
  .brand<'SpanId'>();
export type SpanId = z.infer<typeof SpanId>;

/** Which trace something belongs to, and under which span (W3C Trace Context, level 1). */
export type TraceContext = {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly isSampled: boolean;
};

const SAMPLED = 0x01;
/** Of a later version, what this one knows comes first, and more may follow. */
const HEADER =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/;

/** Null for a header that is not one: a trace then begins here, as the recommendation wants it. */
export function parseTraceparent(header: string | null | undefined): TraceContext | null {
  const groups = HEADER.exec(header?.trim() ?? '')?.groups;
  if (!groups || groups['version'] === 'ff') return null;
  if (groups['version'] === '00' && groups['more'] !== undefined) return null;
  const traceId = TraceId.safeParse(groups['traceId']);
  const spanId = SpanId.safeParse(groups['spanId']);
  if (!traceId.success || !spanId.success) return null;
  const flags = Number.parseInt(groups['flags'] ?? '', 16);
  return { traceId: traceId.data, spanId: spanId.data, isSampled: (flags & SAMPLED) !== 0 };
}

export const formatTraceparent = ({ traceId, spanId, isSampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;

/** Chance is an argument: it fills the array that it is given. */
export type FillRandomly = (bytes: Uint8Array<ArrayBuffer>) => unknown;

export const newTraceId = (fill: FillRandomly): TraceId => TraceId.parse(randomHex(16, fill));
export const newSpanId = (fill: FillRandomly): SpanId => SpanId.parse(randomHex(8, fill));

function randomHex(byteLength: number, fill: FillRandomly): string {
  const bytes = new Uint8Array(byteLength);
  fill(bytes);
  // All zero is "none": once in 2^64, and then one bit makes it an id.
  if (bytes.every((byte) => byte === 0)) bytes[0] = 1;
  return hexOf(bytes);
}
