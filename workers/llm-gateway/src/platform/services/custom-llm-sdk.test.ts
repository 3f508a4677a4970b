import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { byteBudget } from '@gateway/worker-utils/byte-budget';
import { ModelId } from '@gateway/worker-utils/ids';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { CustomCall } from '../../upstream/custom-llm/custom-call.ts';
import { customLlmSdk } from './custom-llm-sdk.ts';

const started: (() => void)[] = [];
afterEach(() => {
  for (const stop of started.splice(0)) stop();
});

/** An endpoint that does as told, and says when whoever asked has gone. */
async function endpointThat(answers: (response: ServerResponse) => void) {
  const left = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    response.once('close', left.resolve);
    answers(response);
    asked.resolve(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { baseUrl: `http://127.0.0.1:${port}`, left: left.promise, asked: asked.promise };
}

const callTo = (baseUrl: string, isStreamed: boolean): CustomCall => ({
  kind: 'custom-llm',
  endpoint: { protocol: 'anthropic', baseUrl, apiKey: 'key', internalId: 'own' },
  options: { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello!' }] }] },
  isStreamed,
  dialect: {
    model: ModelId.parse('kilo-internal/own'),
    createdSeconds: 0,
    format: 'any',
    topLogprobs: null,
  },
  owner: { user: 'user-1', task: null },
});

const never = () => new Promise<void>(() => undefined);
const needs = {
  rememberPhase: () => undefined,
  pause: never,
  tenantAnswers: byteBudget(1_000_000),
};
const send = customLlmSdk(needs);
type Data = { readonly type: string } & Readonly<Record<string, unknown>>;
const event = (data: Data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const beginning =
  event({ type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 1 } } }) +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
const word = event({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: 'Hello' },
});
const head = (response: ServerResponse, type: string): ServerResponse =>
  response.writeHead(200, { 'content-type': type });

test.each([true, false])(
  'an abort ends the call while its answer is waited for (streamed: %s)',
  async (isStreamed) => {
    const silent = await endpointThat((response) =>
      head(response, 'application/json').flushHeaders(),
    );
    const leaving = new AbortController();
    const answer = send(callTo(silent.baseUrl, isStreamed), leaving.signal);
    await silent.asked;
    leaving.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    await silent.left;
  },
);

test.each(['an abort', 'whoever stops reading'])('%s ends an answer in its middle', async (who) => {
  const talking = await endpointThat((response) => {
    head(response, 'text/event-stream').write(beginning + word);
  });
  const leaving = new AbortController();
  const { body } = await send(callTo(talking.baseUrl, true), leaving.signal);
  const reader = body?.getReader();
  await reader?.read();
  if (who === 'an abort') leaving.abort();
  else await reader?.cancel();
  await talking.left;
});

test('an answer whose first word is late has begun, and a failure is then an event', async () => {
  const late = await endpointThat((response) => {
    head(response, 'text/event-stream').write(beginning);
  });
  const impatient = customLlmSdk({ ...needs, pause: async () => undefined });
  const response = await impatient(callTo(late.baseUrl, true), new AbortController().signal);
  expect(response.status).toBe(200);
  const endpoint = await late.asked;
  endpoint.end(event({ type: 'error', error: { type: 'overloaded_error', message: 'Busy' } }));
  const text = await response.text();
  expect(text).toContain('"error":{"message":"Busy"');
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('an answer that just ends has no end: whoever relays it can tell', async () => {
  const short = await endpointThat((response) => {
    head(response, 'text/event-stream').end(beginning + word);
  });
  const response = await send(callTo(short.baseUrl, true), new AbortController().signal);
  const text = await response.text();
  expect(text).toContain('Hello');
  expect(text).not.toContain('[DONE]');
});

test('a redirect is not followed: the key stays where it belongs', async () => {
  const asked: (string | undefined)[] = [];
  const elsewhere = await endpointThat((response) => {
    asked.push(response.req.url);
    response.end();
  });
  const moved = await endpointThat((response) => {
    response.writeHead(307, { location: elsewhere.baseUrl }).end();
  });
  const response = await send(callTo(moved.baseUrl, true), new AbortController().signal);
  expect(response.status).toBe(502);
  expect(asked).toEqual([]);
});
