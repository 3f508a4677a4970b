import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { startWebhook, type Webhook } from '../../support/webhook.ts';
import { startWorld, type World } from '../../support/world.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER_SPAN = '00f067aa0ba902b7';
const CANARY = 'canary-5b1d';
const MODEL = 'anthropic/claude-sonnet-4.6';

let collector: Webhook;
let abuse: Webhook;
let world: World;
beforeAll(async () => {
  [collector, abuse] = await Promise.all([startWebhook(), startWebhook()]);
  world = await startWorld({
    ABUSE_SERVICE_URL: abuse.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=the%20key',
  });
});
afterAll(async () => {
  await world.stop();
  await Promise.all([collector.close(), abuse.close()]);
});

const Attribute = z
  .object({ key: z.string(), value: z.record(z.string(), z.unknown()) })
  .transform(({ key, value }) => [key, Object.values(value)[0]] as const);
const Span = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  attributes: z.array(Attribute).transform((pairs) => Object.fromEntries(pairs)),
});
const Export = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.tuple([Attribute]) }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});

/** Every span that the collector has been sent, with the worker that it is of. */
const spans = () =>
  collector.received.flatMap(({ body }) =>
    Export.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap((scope) =>
        scope.spans.map((span) => ({ ...span, service: resource.attributes[0][1] })),
      ),
    ),
  );
const spansOf = (traceId: string) => spans().filter((span) => span.traceId === traceId);
const inTrace = (traceId: string, name: string) =>
  spansOf(traceId).find((span) => span.name === name);

async function ask(token: string, traceparent: string | null, model = MODEL) {
  const response = await world.ask({
    token,
    headers: {
      ...(traceparent !== null && { traceparent }),
      'user-agent': CANARY,
      'x-kilocode-taskid': CANARY,
      cookie: CANARY,
    },
    body: { model, messages: [{ role: 'user', content: CANARY }], stream: true },
  });
  await response.text();
  return response;
}

test('a request is one trace over both workers: a span for each stage, and for the call below its stage', async () => {
  const person = await world.newcomer(10);
  const response = await ask(person.token, `00-${TRACE_ID}-${CALLER_SPAN}-01`);
  await eventually(() => inTrace(TRACE_ID, 'ingestApiMetrics') !== undefined, 'a span of o11y');
  await eventually(() => inTrace(TRACE_ID, 'chat completion') !== undefined, 'the request');

  const root = inTrace(TRACE_ID, 'chat completion');
  const [row] = await person.rows(1);
  expect(root).toMatchObject({
    service: 'llm-gateway',
    parentSpanId: CALLER_SPAN,
    attributes: {
      requestId: response.headers.get('x-request-id'),
      exchange: row?.id,
      payer: person.id,
      model: MODEL,
      provider: 'openrouter',
      ending: 'complete',
      'http.response.status_code': '200',
    },
  });
  const stages = spansOf(TRACE_ID).filter(
    (span) => span.service === 'llm-gateway' && span.parentSpanId === root?.spanId,
  );
  expect(stages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      `receive parse resolveModel throttle identify matchByok choosePayer authorize route compose reserve attempt relay`.split(
        ' ',
      ),
    ),
  );
  expect(inTrace(TRACE_ID, 'upstream')).toMatchObject({
    parentSpanId: inTrace(TRACE_ID, 'attempt')?.spanId,
    attributes: {
      'server.address': new URL(world.simulatorUrl ?? '').host,
      'http.response.status_code': '200',
    },
  });
  expect(inTrace(TRACE_ID, 'ingestApiMetrics')).toMatchObject({
    service: 'o11y',
    parentSpanId: root?.spanId,
  });
  expect(collector.received[0]).toMatchObject({
    path: '/v1/traces',
    headers: { 'x-collector-key': 'the key', 'content-type': 'application/json' },
  });
});

test('the abuse service goes on with the trace', async () => {
  const person = await world.newcomer(10);
  const traceId = 'e'.repeat(32);
  await ask(person.token, `00-${traceId}-${CALLER_SPAN}-01`);
  const told = () =>
    abuse.received.find(({ headers }) => String(headers['traceparent']).includes(traceId));
  await eventually(() => told() !== undefined, 'a question to the abuse service');
  await eventually(() => inTrace(traceId, 'chat completion') !== undefined, 'the request');
  const parents = spansOf(traceId).map(({ spanId }) => spanId);
  expect(parents).toContain(String(told()?.headers['traceparent']).split('-')[2]);
});

test('no provider is told of a trace, and no trace tells what was said, or any secret', async () => {
  const person = await world.newcomer(10);
  const traceId = 'a'.repeat(32);
  await ask(person.token, `00-${traceId}-${CALLER_SPAN}-01`);
  await eventually(() => inTrace(traceId, 'chat completion') !== undefined, 'the request');
  const delivered = world.simulator.log().at(-1);
  expect(delivered?.headers).not.toHaveProperty('traceparent');
  expect(delivered?.headers).not.toHaveProperty('tracestate');
  expect(JSON.stringify(delivered)).not.toContain(traceId);
  const everything = collector.received.map(({ body }) => body).join('\n');
  for (const secret of [CANARY, person.token, person.pepper, 'Bearer', '127.0.0.1"', '@example']) {
    expect(everything).not.toContain(secret);
  }
});

test.each([
  ['fails', 'b', 'sim/status~code=500', '500'],
  ['breaks off and is gone on with', '6', 'sim/cut~after=6~of=12', '200'],
])('every attempt has a span of its own, also one that %s', async (_how, digit, model, status) => {
  const person = await world.newcomer(10);
  const traceId = digit.repeat(32);
  const before = world.simulator.log().length;
  await ask(person.token, `00-${traceId}-${CALLER_SPAN}-01`, model);
  await eventually(() => inTrace(traceId, 'chat completion') !== undefined, 'the request');
  const attempts = spansOf(traceId).filter(({ name }) => name === 'upstream');
  expect(attempts.length).toBeGreaterThan(1);
  expect(attempts).toHaveLength(world.simulator.log().length - before);
  expect(attempts[0]?.attributes).toMatchObject({ 'http.response.status_code': status });
});

test('a gap that is filled is a trace of its own name, over the stages of gaps', async () => {
  const person = await world.newcomer(10);
  const traceId = 'f'.repeat(32);
  const response = await world.ask({
    path: '/api/fim/completions',
    token: person.token,
    headers: { traceparent: `00-${traceId}-${CALLER_SPAN}-01` },
    body: { model: 'codestral-latest', prompt: 'const a', suffix: ';', stream: true },
  });
  await response.text();
  await eventually(() => inTrace(traceId, 'fim completion') !== undefined, 'the request');
  const names = spansOf(traceId).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['parseFim', 'composeFim', 'upstream', 'relay']));
  expect(names).not.toContain('chat completion');
  expect(world.simulator.log().at(-1)?.headers).not.toHaveProperty('traceparent');
});

test('a request under a key is one trace, with that of the object that answers it below it', async () => {
  const person = await world.newcomer(10);
  const traceId = '7'.repeat(32);
  const response = await world.ask({
    token: person.token,
    headers: {
      traceparent: `00-${traceId}-${CALLER_SPAN}-01`,
      'idempotency-key': crypto.randomUUID(),
    },
    body: { model: MODEL, messages: [{ role: 'user', content: CANARY }], stream: true },
  });
  await response.text();
  const roots = () => spansOf(traceId).filter(({ name }) => name === 'chat completion');
  await eventually(() => roots().length === 2, 'both sides of the object');
  const front = roots().find(({ parentSpanId }) => parentSpanId === CALLER_SPAN);
  const object = roots().find(({ spanId }) => spanId !== front?.spanId);
  expect(inTrace(traceId, 'answerOnce')).toMatchObject({ parentSpanId: front?.spanId });
  expect(object).toMatchObject({ parentSpanId: inTrace(traceId, 'answerOnce')?.spanId });
  expect(inTrace(traceId, 'upstream')?.traceId).toBe(traceId);
});

test('whoever asks o11y over HTTP records nothing there, whatever the path and the flag', async () => {
  const traceId = '9'.repeat(32);
  const headers = { traceparent: `00-${traceId}-${CALLER_SPAN}-01` };
  expect((await fetch(`${world.o11yUrl}/${CANARY}`, { headers })).status).toBe(401);
  const person = await world.newcomer(10);
  const later = '8'.repeat(32);
  await ask(person.token, `00-${later}-${CALLER_SPAN}-01`);
  await eventually(() => inTrace(later, 'ingestApiMetrics') !== undefined, 'a span of o11y');
  expect(spansOf(traceId)).toEqual([]);
  expect(collector.received.map(({ body }) => body).join()).not.toContain(CANARY);
});

test('a refused request ends its trace with the stage that refused', async () => {
  const person = await world.newcomer(0);
  const traceId = 'c'.repeat(32);
  expect((await ask(person.token, `00-${traceId}-${CALLER_SPAN}-01`)).status).toBe(402);
  await eventually(() => inTrace(traceId, 'chat completion') !== undefined, 'the request');
  expect(inTrace(traceId, 'chat completion')?.attributes).toMatchObject({
    'http.response.status_code': '402',
    refusal: 'credits-required',
  });
  expect(inTrace(traceId, 'authorize')).toBeDefined();
  expect(inTrace(traceId, 'attempt')).toBeUndefined();
});

test('a request without a trace begins one; one that is not to be recorded is not', async () => {
  const person = await world.newcomer(10);
  const unsampled = 'd'.repeat(32);
  await ask(person.token, `00-${unsampled}-${CALLER_SPAN}-00`);
  const response = await ask(person.token, null);
  const requestId = response.headers.get('x-request-id');
  const root = () => spans().find(({ attributes }) => attributes['requestId'] === requestId);
  await eventually(() => root() !== undefined, 'a trace');
  expect(root()).not.toHaveProperty('parentSpanId');
  expect(spansOf(unsampled)).toEqual([]);
});
