import { expect, test } from 'vitest';
import { z } from 'zod';
import { traceRequest, type TraceNeeds } from './request-trace.ts';
import { Instant } from './time.ts';

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const UNSAMPLED = PARENT.replace(/01$/, '00');

const Value = z.record(z.string(), z.unknown()).transform((value) => Object.values(value)[0]);
const Span = z
  .object({
    name: z.string(),
    traceId: z.string(),
    spanId: z.string(),
    parentSpanId: z.string().optional(),
    startTimeUnixNano: z.string(),
    endTimeUnixNano: z.string(),
    attributes: z.array(z.object({ key: z.string(), value: Value })),
    status: z.object({ code: z.number() }),
  })
  .transform(({ attributes, ...span }) => ({
    ...span,
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, value])),
  }));
const Export = z
  .object({
    resourceSpans: z.tuple([
      z.object({ scopeSpans: z.tuple([z.object({ spans: z.array(Span) })]) }),
    ]),
  })
  .transform(({ resourceSpans: [{ scopeSpans }] }) => scopeSpans[0].spans);

function world(changes: Partial<TraceNeeds> = {}) {
  let [now, ids] = [1_000, 0];
  const sent: { headers: unknown; body: string }[] = [];
  const failures: unknown[] = [];
  const needs: TraceNeeds = {
    endpoint: 'https://collector.test',
    headers: async () => 'authorization=Bearer%20key, x-team=gateway',
    sampledPart: 1,
    serviceName: 'test',
    post: async (_url, { headers, body }) => {
      sent.push({ headers, body: z.string().parse(body) });
      return new Response('{}');
    },
    clock: { now: () => Instant.parse((now += 1)) },
    chance: () => 0.5,
    fill: (bytes) => bytes.fill((ids += 1)),
    reportFailure: (cause) => failures.push(cause),
    ...changes,
  };
  const begin = (traceparent: string | null = null, isOurs = false) =>
    traceRequest(needs, { name: 'request', traceparent, isOurs });
  const spans = () => sent.flatMap(({ body }) => Export.parse(JSON.parse(body)));
  const named = (name: string) => spans().find((span) => span.name === name);
  return { begin, sent, spans, named, failures };
}

test('parts are below the request, and calls below the part that makes them', async () => {
  const { begin, spans, named } = world();
  const trace = begin(PARENT);
  await trace.span('first', () => 1);
  await trace.span('second', async () => {
    const calls = ['a', 'b'].map((name) =>
      Promise.resolve(trace.span(name, async () => name, { kind: 'client', attributes: { name } })),
    );
    await Promise.all(calls);
  });
  trace.describe({ model: 'm', nothing: null });
  await trace.send();
  const root = named('request');
  expect(root).toMatchObject({ parentSpanId: '00f067aa0ba902b7', attributes: { model: 'm' } });
  expect([named('first')?.parentSpanId, named('second')?.parentSpanId]).toEqual([
    root?.spanId,
    root?.spanId,
  ]);
  for (const call of ['a', 'b']) {
    expect(named(call)).toMatchObject({
      parentSpanId: named('second')?.spanId,
      attributes: { name: call },
    });
  }
  expect(new Set(spans().map(({ traceId }) => traceId))).toEqual(
    new Set(['4bf92f3577b34da6a3ce929d0e0e4736']),
  );
  expect(new Set(spans().map(({ spanId }) => spanId)).size).toBe(5);
});

test('a part lasts until what it began has ended, and the request at least as long', async () => {
  const { begin, named } = world();
  const trace = begin();
  const ended = Promise.withResolvers<void>();
  await trace.span('relay', () => 'headers', { until: () => ended.promise });
  await trace.span('later', () => 1);
  ended.resolve();
  await ended.promise;
  await trace.send();
  const end = (name: string) => Number(named(name)?.endTimeUnixNano);
  expect(end('relay')).toBeGreaterThan(end('later'));
  expect(end('request')).toBe(end('relay'));
});

test('a part that throws is an error with the name of its cause, and throws all the same', async () => {
  const { begin, sent, named } = world();
  const trace = begin();
  const failing = () => Promise.reject(new TypeError('secret'));
  await expect(trace.span('part', failing)).rejects.toThrow('secret');
  await trace.send();
  expect(named('part')).toMatchObject({
    status: { code: 2 },
    attributes: { 'error.type': 'TypeError' },
  });
  expect(JSON.stringify(sent)).not.toContain('secret');
});

test('what is called goes on with the trace, below the part that calls', async () => {
  const { begin, named } = world();
  const trace = begin();
  const told = await trace.span('part', () => trace.traceparent());
  await trace.send();
  const { traceId, spanId } = named('part') ?? {};
  expect(told).toBe(`00-${traceId}-${spanId}-01`);
});

test.each([
  ['nobody collects', { endpoint: '' }, PARENT, UNSAMPLED],
  ['chance says no to what a caller wants recorded', { sampledPart: 0.5 }, PARENT, UNSAMPLED],
  ['the caller does not record', {}, UNSAMPLED, UNSAMPLED],
  ['chance says no', { sampledPart: 0.5 }, null, null],
])('where %s, nothing is recorded, and a trace of the caller is handed on', async (...given) => {
  const [, changes, traceparent, handedOn] = given;
  const { begin, sent } = world(changes);
  const trace = begin(traceparent);
  expect(await trace.span('part', () => 7)).toBe(7);
  expect(trace.traceparent()).toBe(handedOn);
  await trace.send();
  expect(sent).toEqual([]);
});

test('the headers of the collector are sent to it', async () => {
  const { begin, sent } = world();
  await begin().send();
  expect(sent[0]?.headers).toMatchObject({ authorization: 'Bearer key', 'x-team': 'gateway' });
});

test('a collector that is away is reported, and nothing fails', async () => {
  const { begin, failures } = world({ post: () => Promise.reject(new Error('away')) });
  await begin().send();
  expect(failures).toHaveLength(1);
});

test('a request that does the same over and over is shown by its first hundred parts', async () => {
  const { begin, spans } = world();
  const trace = begin();
  for (let n = 0; n < 1_000; n += 1) await trace.span('part', () => n);
  await trace.send();
  expect(spans()).toHaveLength(101);
});

test('one of our own workers decides what is recorded further on', async () => {
  const { begin, spans } = world({ sampledPart: 0 });
  for (const parent of [UNSAMPLED, PARENT, null]) await begin(parent, true).send();
  expect(spans()).toHaveLength(1);
});
