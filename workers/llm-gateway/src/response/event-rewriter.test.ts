import { joinBytes } from '@gateway/worker-utils/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publicChunk } from './rewrite/public-view.ts';
import { keptReply } from './kept-text.ts';
import { deliveryWatcher } from './resume/delivered.ts';
import { newActivity } from './stall-watch.ts';
import { eventRewriter } from './event-rewriter.ts';

const needs = {
  kept: keptReply(false),
  watcher: deliveryWatcher({ keepsText: false }),
  onGeneration: () => undefined,
  life: newActivity(),
};
const rewritten = (pieces: readonly Uint8Array[]) => {
  const chunk = (fields: Readonly<Record<string, unknown>>) => publicChunk(fields, 'public:free');
  const rewriter = eventRewriter({ ...needs, chunk });
  const shown = pieces.map((piece) => rewriter.feed(piece)).join('') + rewriter.end();
  return { shown, tally: rewriter.tally() };
};
const bytesOf = (text: string) => new TextEncoder().encode(text);

const STREAM = [
  ': OPENROUTER PROCESSING',
  'event: message\r\nid: 7\r\ndata: {"model":"real",\r\ndata: "choices":[{"index":0,"delta":{"content":"Grüße 🎉"}}]}',
  'data: {"broken',
  'data: null',
  'data: {"model":"real","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  'data: [DONE]',
  'data: {"model":"real","usage":{"prompt_tokens":7,"completion_tokens":3,"cost":0.5}}',
].join('\r\n\r\n');

const SHOWN = [
  ': KILO PROCESSING',
  'data: {"model":"public:free","choices":[{"index":0,"delta":{"content":"Grüße 🎉"}}]}',
  'data: {"model":"public:free","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  'data: {"model":"public:free","usage":{"prompt_tokens":7,"completion_tokens":3},"choices":[]}',
  '',
].join('\n\n');

test('however a stream is cut, the same events come out, and the price is still read', () => {
  const bytes = bytesOf(STREAM);
  const pieces = fc
    .array(fc.integer({ min: 1, max: 9 }), { minLength: bytes.byteLength })
    .map((sizes) => {
      const ends = sizes.map((_size, index) =>
        sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0),
      );
      return [0, ...ends].flatMap((start, index) => {
        const piece = bytes.slice(start, ends[index]);
        return piece.byteLength > 0 ? [piece] : [];
      });
    });
  fc.assert(
    fc.property(pieces, (cut) => {
      expect(joinBytes(cut)).toEqual(bytes);
      const { shown, tally } = rewritten(cut);
      expect(shown).toBe(SHOWN);
      expect(tally).toMatchObject({
        model: 'real',
        finishReason: 'stop',
        unreadableEvents: 2,
        usage: { inputTokens: 7, outputTokens: 3, cost: 0.5 },
      });
    }),
    { numRuns: 20 },
  );
});

test('an event leaves as soon as it is whole', () => {
  const rewriter = eventRewriter({ ...needs, chunk: (chunk) => chunk });
  expect(rewriter.feed(bytesOf('data: {"a":1}\n'))).toBe('');
  expect(rewriter.feed(bytesOf('\ndata: {"a":2}'))).toBe('data: {"a":1}\n\n');
  expect(rewriter.end()).toBe('data: {"a":2}\n\n');
});
