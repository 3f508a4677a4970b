import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { Instant } from '@gateway/worker-utils/time';
import { JSONParseError, TypeValidationError } from 'ai';
import OpenAI, { APIError } from 'openai';
import { expect, test } from 'vitest';
import { closeEvent } from '../../../workers/llm-gateway/src/response/resume/close-event.ts';
import { errorChunk } from '../../../workers/llm-gateway/src/response/resume/error-chunk.ts';
import { emptyTail, extendTail } from '../../../workers/llm-gateway/src/response/resume/tail.ts';

// What clients make of a stream that was cut at any byte, and then closed by us. It needs no stack: only the clients.

const folder = join(import.meta.dirname, '../../../workers/llm-gateway/src/response/fixtures');
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.sse'))
  .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
const at = Instant.parse(1_763_000_000_000);
const ended = errorChunk({ id: 'gen-1', model: 'maker/model', at });
/** A client stops reading at an end that the provider had begun to write: then it hears no error. */
const hasEnd = (bytes: Buffer, length: number): boolean =>
  bytes.subarray(0, length).includes('data: [');
const TEST_MS_MAX = 600_000;

function cutAndClosed(bytes: Buffer, length: number): string {
  const cut = bytes.subarray(0, length);
  const { bytes: tail } = extendTail(emptyTail, cut);
  const closing = tail && closeEvent(tail, ended);
  if (closing === null) throw new Error(`What was cut at ${length} can't be closed.`);
  return Buffer.concat([cut, Buffer.from(closing)]).toString('latin1');
}
/** As bytes: a cut may leave half a character. */
const answering = (text: string) => () =>
  Promise.resolve(
    new Response(Buffer.from(text, 'latin1'), { headers: { 'content-type': 'text/event-stream' } }),
  );

async function readByOpenai(text: string): Promise<unknown> {
  const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: answering(text) });
  try {
    const stream = await client.chat.completions.create({
      model: 'maker/model',
      messages: [],
      stream: true,
    });
    await Array.fromAsync(stream);
    return null;
  } catch (cause) {
    return cause;
  }
}

async function readByAiSdk(text: string): Promise<readonly unknown[]> {
  const model = createOpenRouter({ apiKey: 'none', fetch: answering(text) }).chat('maker/model');
  const { stream } = await model.doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  });
  const parts = await Array.fromAsync(stream);
  return parts.flatMap((part) => (part.type === 'error' ? [part.error] : []));
}

test.each(fixtures)(
  '$name, cut at any byte, ends for openai with an error that says so',
  async ({ bytes }) => {
    for (let length = 0; length <= bytes.byteLength; length += 1) {
      const cause = await readByOpenai(cutAndClosed(bytes, length));
      const isRead = cause instanceof APIError || (cause === null && hasEnd(bytes, length));
      if (!isRead) throw new Error(`Cut at ${length}: ${String(cause)}`);
    }
    expect(bytes.byteLength).toBeGreaterThan(0);
  },
  TEST_MS_MAX,
);

test.each(fixtures)(
  '$name, cut at any byte, ends for the AI SDK with an error that says so',
  async ({ bytes }) => {
    for (let length = 0; length <= bytes.byteLength; length += 1) {
      const errors = await readByAiSdk(cutAndClosed(bytes, length));
      const isUnreadable = errors.some(
        (error) => JSONParseError.isInstance(error) || TypeValidationError.isInstance(error),
      );
      if (isUnreadable || (errors.length === 0 && !hasEnd(bytes, length))) {
        throw new Error(`Cut at ${length}: ${JSON.stringify(errors)}`);
      }
    }
    expect(bytes.byteLength).toBeGreaterThan(0);
  },
  TEST_MS_MAX,
);
