import { expect, test } from 'vitest';
import { formatTraceparent, newSpanId, newTraceId, parseTraceparent } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

test.each([
  [`00-${traceId}-${spanId}-01`, true],
  [`00-${traceId}-${spanId}-00`, false],
  [` 00-${traceId}-${spanId}-03 `, true],
  [`cc-${traceId}-${spanId}-01-what-the-future-holds`, true],
])('%s continues its trace', (header, isSampled) => {
  expect(parseTraceparent(header)).toEqual({ traceId, spanId, isSampled });
});

test.each([
  null,
  undefined,
  '',
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-1`,
  `0-${traceId}-${spanId}-01`,
])('%s begins a trace of its own', (header) => {
  expect(parseTraceparent(header)).toBeNull();
});

test('what is formatted is parsed back', () => {
  const fill = (bytes: Uint8Array) => bytes.fill(0xab);
  const context = { traceId: newTraceId(fill), spanId: newSpanId(fill), isSampled: true };
  expect(formatTraceparent(context)).toBe(`00-${'ab'.repeat(16)}-${'ab'.repeat(8)}-01`);
  expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
});

test('an id is never the one that means none', () => {
  expect(newTraceId(() => undefined)).toBe(`01${'0'.repeat(30)}`);
  expect(newSpanId(() => undefined)).toBe(`01${'0'.repeat(14)}`);
});
