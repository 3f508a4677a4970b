import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

// An answer that breaks off at any byte of an event, and is gone on with: what clients read of it is whole, and said once.

let world: World;
let token = '';
beforeAll(async () => {
  world = await startWorld();
  ({ token } = await world.newcomer(1000));
});
afterAll(() => world.stop());

const AT_ONCE = 8;
const TOKENS = 6;
const TEST_MS_MAX = 300_000;
const END_OF_EVENT = /\r?\n\r?\n/;

async function bytesOf(scenario: string): Promise<Buffer> {
  const body = {
    model: `sim/${scenario}~of=${TOKENS}~processing=1~on=api`,
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  };
  const response = await world.ask({ token, body });
  return Buffer.from(await response.arrayBuffer());
}
/** Of a length that does not depend on the number: the events have the same bytes wherever they are cut. */
const cutAt = (at: number, how: string) => `cut~at=${String(at).padStart(5, '0')}${how}`;

const answering = (bytes: Buffer) => () =>
  Promise.resolve(
    new Response(new Uint8Array(bytes), { headers: { 'content-type': 'text/event-stream' } }),
  );

async function readByOpenai(bytes: Buffer): Promise<string> {
  const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: answering(bytes) });
  const stream = await client.chat.completions.create({
    model: 'maker/model',
    messages: [],
    stream: true,
  });
  const chunks = await Array.fromAsync(stream);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  const finishes = chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []);
  expect(finishes).toEqual(['stop']);
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

async function readByAiSdk(bytes: Buffer): Promise<string> {
  const model = createOpenRouter({ apiKey: 'none', fetch: answering(bytes) }).chat('maker/model');
  const { stream } = await model.doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  });
  const parts = await Array.fromAsync(stream);
  expect(parts.flatMap((part) => (part.type === 'error' ? [part.error] : []))).toEqual([]);
  return parts.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : [])).join('');
}

test.each<[string, number]>([
  // The comment before it, and the first event: nothing of the answer has been seen.
  ['', 1],
  ['', 3],
  ['~crlf', 3],
  ['~text=multibyte', 4],
  ['~tight~ids', 3],
  ['~end=reset~apart', 3],
])(
  'cut%s at each byte up to the end of event %i: whole, and once',
  async (how, last) => {
    const uncut = await bytesOf(cutAt(99_999, how));
    const expected = await readByOpenai(uncut);
    expect(expected.length).toBeGreaterThan(TOKENS);
    const events = uncut.toString('latin1').split(END_OF_EVENT);
    const lengthOf = (count: number) =>
      events.slice(0, count).reduce((sum, event) => sum + event.length, 0) +
      count * (how.includes('crlf') ? 4 : 2);
    // Event 0 is the comment.
    const from = last === 1 ? 0 : lengthOf(last);
    const offsets = Array.from({ length: lengthOf(last + 1) - from + 1 }, (_, at) => from + at);
    const wrong: string[] = [];
    const worker = async () => {
      for (let at = offsets.pop(); at !== undefined; at = offsets.pop()) {
        const bytes = await bytesOf(cutAt(at, how));
        const texts = await Promise.all([readByOpenai(bytes), readByAiSdk(bytes)]).catch(String);
        if (String(texts) !== String([expected, expected])) wrong.push(`${at}: ${String(texts)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(wrong).toEqual([]);
  },
  TEST_MS_MAX,
);
