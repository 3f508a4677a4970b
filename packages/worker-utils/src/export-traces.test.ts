import { expect, test } from 'vitest';
import { exportTraces, type ExportNeeds } from './export-traces.ts';
import type { Span } from './otlp-traces.ts';
import { Instant } from './time.ts';
import { SpanId, TraceId } from './trace-context.ts';

const span: Span = {
  name: 'attempt',
  kind: 'client',
  traceId: TraceId.parse('4bf92f3577b34da6a3ce929d0e0e4736'),
  spanId: SpanId.parse('00f067aa0ba902b7'),
  parentSpanId: SpanId.parse('00f067aa0ba902b8'),
  startedAt: Instant.parse(1_700_000_000_123),
  endedAt: Instant.parse(1_700_000_000_456),
  attributes: { provider: 'openrouter', attempt: 2, ratio: 0.5, retried: true },
  status: 'error',
};

function collector(status = 200) {
  const received: { url: string; body: unknown; headers: unknown }[] = [];
  const needs: ExportNeeds = {
    endpoint: 'https://collector.test/',
    headers: { authorization: 'Bearer key' },
    serviceName: 'llm-gateway',
    post: async (url, { body, headers }) => {
      received.push({ url, body: typeof body === 'string' ? JSON.parse(body) : body, headers });
      return new Response('{}', { status });
    },
  };
  return { received, send: (spans: readonly Span[]) => exportTraces(needs, spans) };
}

test('a span arrives as OTLP wants it in JSON', async () => {
  const { received, send } = collector();
  await send([span, { ...span, parentSpanId: null, kind: 'server', status: 'ok' }]);
  expect(received).toMatchObject([
    {
      url: 'https://collector.test/v1/traces',
      headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
      body: {
        resourceSpans: [
          {
            resource: {
              attributes: [{ key: 'service.name', value: { stringValue: 'llm-gateway' } }],
            },
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                    spanId: '00f067aa0ba902b7',
                    parentSpanId: '00f067aa0ba902b8',
                    name: 'attempt',
                    kind: 3,
                    startTimeUnixNano: '1700000000123000000',
                    endTimeUnixNano: '1700000000456000000',
                    attributes: [
                      { key: 'provider', value: { stringValue: 'openrouter' } },
                      { key: 'attempt', value: { intValue: '2' } },
                      { key: 'ratio', value: { doubleValue: 0.5 } },
                      { key: 'retried', value: { boolValue: true } },
                    ],
                    status: { code: 2 },
                  },
                  { kind: 2, status: { code: 1 } },
                ],
              },
            ],
          },
        ],
      },
    },
  ]);
  expect(JSON.stringify(received[0]?.body).match(/parentSpanId/g)).toHaveLength(1);
});

test('nothing to tell is not told', async () => {
  const { received, send } = collector();
  await send([]);
  expect(received).toEqual([]);
});

test('a collector that refuses is an error', async () => {
  await expect(collector(503).send([span])).rejects.toThrow('The collector answered 503');
});
