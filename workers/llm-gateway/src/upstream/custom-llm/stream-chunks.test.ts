import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failedChunk, noProgress, tell } from './stream-chunks.ts';

const dialect = {
  model: ModelId.parse('kilo-internal/own'),
  createdSeconds: 1_790_000_000,
  format: 'anthropic-claude-v1',
  topLogprobs: null,
};
const usage = {
  inputTokens: { total: 10, noCache: 7, cacheRead: 2, cacheWrite: 1 },
  outputTokens: { total: 5, text: undefined, reasoning: 3 },
};

/** All that a client is told of these parts: the chunks, and how it ends. */
function toldOf(parts: readonly LanguageModelV4StreamPart[]) {
  let progress = noProgress;
  const chunks: object[] = [];
  for (const part of parts) {
    const told = tell(part, progress, dialect);
    if (told.kind === 'failed' || told.kind === 'cut') return { chunks, end: told.kind };
    progress = told.progress;
    if (told.kind === 'chunk') chunks.push(told.chunk);
  }
  return { chunks, end: null };
}
const Chunk = z.object({ choices: z.tuple([z.unknown()]) });
const deltasOf = (parts: readonly LanguageModelV4StreamPart[]) =>
  toldOf(parts).chunks.map((chunk) => Chunk.parse(chunk).choices[0]);
const delta = (fields: object) => ({
  index: 0,
  delta: { role: 'assistant', ...fields },
  finish_reason: null,
});
const signature = (value: string) => ({ anthropic: { signature: value } });

test('a whole answer: its id in every chunk, the usage in the last', () => {
  const { chunks } = toldOf([
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'msg_1' },
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'Hello' },
    { type: 'text-delta', id: '0', delta: '' },
    { type: 'text-end', id: '0' },
    { type: 'finish', finishReason: { unified: 'length', raw: 'max_tokens' }, usage },
  ]);
  const envelope = {
    id: 'msg_1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'kilo-internal/own',
  };
  expect(chunks).toEqual([
    { ...envelope, choices: [delta({ content: 'Hello' })] },
    {
      ...envelope,
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'length' }],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    },
  ]);
});

test('each block of reasoning has an index of its own, and its signature the same one', () => {
  const format = 'anthropic-claude-v1';
  const text = (index: number, words: string, more = {}) => ({
    reasoning: words,
    reasoning_details: [{ type: 'reasoning.text', text: words, index, format, ...more }],
  });
  const redacted = { type: 'reasoning.encrypted', data: 'x', index: 1, format };
  expect(
    deltasOf([
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'a' },
      { type: 'reasoning-delta', id: '0', delta: 'b' },
      { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: signature('s') },
      { type: 'reasoning-end', id: '0' },
      { type: 'reasoning-start', id: '1', providerMetadata: { anthropic: { redactedData: 'x' } } },
      { type: 'reasoning-end', id: '1' },
      { type: 'reasoning-start', id: '2' },
      { type: 'reasoning-delta', id: '2', delta: 'c' },
    ]),
  ).toEqual([
    delta(text(0, 'a')),
    delta(text(0, 'b')),
    delta(text(0, '', { signature: 's' })),
    delta({ reasoning_details: [redacted] }),
    delta(text(2, 'c')),
  ]);
});

test('does not repeat a streamed call, and sends an unstreamed one whole', () => {
  const called = (index: number, id: string, text: string) =>
    delta({
      tool_calls: [{ index, id, type: 'function', function: { name: 'read', arguments: text } }],
    });
  expect(
    deltasOf([
      { type: 'tool-input-start', id: 'a', toolName: 'read' },
      { type: 'tool-input-delta', id: 'a', delta: '{}' },
      { type: 'tool-input-end', id: 'a' },
      { type: 'tool-call', toolCallId: 'a', toolName: 'read', input: '{}' },
      { type: 'tool-call', toolCallId: 'b', toolName: 'read', input: '{"x":1}' },
    ]),
  ).toEqual([
    called(0, 'a', ''),
    delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
    called(1, 'b', '{"x":1}'),
  ]);
});

test('never reports an interruption or an error as a normal end', () => {
  const text: LanguageModelV4StreamPart = { type: 'text-delta', id: '0', delta: 'Hello' };
  const finishReason = { unified: 'interrupted', raw: undefined } as const;
  expect(toldOf([text, { type: 'finish', finishReason, usage }]).end).toBe('cut');
  expect(toldOf([text, { type: 'error', error: new Error('failed') }]).end).toBe('failed');
});

test('a failure is an error for those who look for one, and an end for the others', () => {
  const failure = { status: 529, message: 'Overloaded', raw: '{"type":"error"}', retry: {} };
  expect(failedChunk(failure, noProgress, dialect)).toMatchObject({
    error: { message: 'Overloaded', code: 529, type: 'error', metadata: { raw: failure.raw } },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
  });
});
