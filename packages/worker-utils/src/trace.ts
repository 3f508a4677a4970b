import type { Span } from './otlp-traces.ts';
import type { Clock } from './time.ts';
import {
  type FillRandomly,
  formatTraceparent,
  newSpanId,
  newTraceId,
  type TraceContext,
} from './trace-context.ts';

/** Measures the parts of one request. Where nobody collects traces, it only runs them. */
export type Trace = {
  readonly isRecorded: boolean;
  readonly span: <T>(
    name: string,
    work: () => T | Promise<T>,
    more?: SpanOptions<T>,
  ) => T | Promise<T>;
  /** Of the request as a whole, which lasts until the last word of it: ids, names and numbers. Null says nothing. */
  readonly describe: (
    attributes: Readonly<Record<string, Attribute | null>>,
    status?: Status,
  ) => void;
  /** What a worker or a service that is called now shall go on with. Null: nothing to go on with. */
  readonly traceparent: () => string | null;
};

type Status = Span['status'];
type Attribute = string | number | boolean;
type SpanOptions<T> = {
  readonly kind?: Span['kind'];
  readonly attributes?: Span['attributes'];
  /** What is told of a result. */
  readonly describe?: (result: T) => Pick<Span, 'attributes' | 'status'>;
  /** The span lasts until this has ended, where that is later than the result. */
  readonly until?: (result: T) => Promise<unknown>;
};

/** @param parent what the caller sent, which is handed on. */
export const untraced = (parent: TraceContext | null): Trace => ({
  isRecorded: false,
  span: (_name, work) => work(),
  describe: () => undefined,
  traceparent: () => (parent ? formatTraceparent(parent) : null),
});

type Recording = Trace & {
  /** All spans, the one of the whole request last. */
  readonly end: () => readonly Span[];
};
type Root = {
  readonly name: string;
  readonly parent: TraceContext | null;
  readonly clock: Clock;
  readonly fill: FillRandomly;
};

/** Beyond this, a request does something over and over: the first ones show it. */
const SPANS_MAX = 100;

export function recordTrace({ name, parent, clock, fill }: Root): Recording {
  const traceId = parent?.traceId ?? newTraceId(fill);
  const rootId = newSpanId(fill);
  const startedAt = clock.now();
  const spans: Span[] = [];
  let about: Span['attributes'] = {};
  let status: Status = 'unset';
  let endedAt = startedAt;
  /** The part that runs now: what it calls is below it. Parts follow each other, calls may run at once. */
  let openId = rootId;

  async function span<T>(
    partName: string,
    work: () => T | Promise<T>,
    { kind = 'internal', attributes = {}, describe, until }: SpanOptions<T> = {},
  ): Promise<T> {
    const [spanId, parentSpanId, began] = [newSpanId(fill), openId, clock.now()];
    if (kind === 'internal') openId = spanId;
    const end = (told: Pick<Span, 'attributes' | 'status'>): void => {
      if (openId === spanId) openId = parentSpanId;
      endedAt = clock.now();
      if (spans.length >= SPANS_MAX) return;
      const times = { startedAt: began, endedAt };
      const ids = { traceId, spanId, parentSpanId };
      const all = { ...attributes, ...told.attributes };
      spans.push({ name: partName, kind, ...ids, ...times, status: told.status, attributes: all });
    };
    try {
      const result = await work();
      const told = describe?.(result) ?? { attributes: {}, status: 'unset' };
      const ended = until?.(result);
      if (ended)
        ended.then(
          () => end(told),
          () => end({ ...told, status: 'error' }),
        );
      else end(told);
      return result;
    } catch (cause) {
      // Its name alone: a message may hold what it failed on.
      end({ attributes: { 'error.type': nameOf(cause) }, status: 'error' });
      throw cause;
    }
  }

  return {
    isRecorded: true,
    span,
    describe: (attributes, said) => {
      status = said ?? status;
      endedAt = clock.now();
      const told = Object.entries(attributes).flatMap(([key, value]) =>
        value === null ? [] : [[key, value] as const],
      );
      about = { ...about, ...Object.fromEntries(told) };
    },
    traceparent: () => formatTraceparent({ traceId, spanId: openId, isSampled: true }),
    end: () => {
      const ids = { traceId, spanId: rootId, parentSpanId: parent?.spanId ?? null };
      const times = { startedAt, endedAt };
      return [...spans, { name, kind: 'server', ...ids, ...times, attributes: about, status }];
    },
  };
}

const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : typeof cause);
