import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keptReply } from './kept-text.ts';
import { sseUsageReader, accumulatedFromJson } from './usage-reader.ts';
import { deliveryWatcher } from './resume/delivered.ts';
import { newActivity } from './stall-watch.ts';
import { accumulate, emptyAccumulator, isEnded } from './usage-accumulator.ts';

const read = (text: string) => {
  const meter = sseUsageReader({
    life: newActivity(),
    kept: keptReply(false),
    watcher: deliveryWatcher({ keepsText: false }),
    onGeneration: () => undefined,
  });
  meter.feed(new TextEncoder().encode(text));
  return meter.end();
};

const fixture = (name: string) =>
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'fixtures', name), 'utf8');

test.each([
  [
    'anthropic.sse',
    {
      generationId: 'gen-1761000000-aZ3kQ9vT5mWc7LxPq2Rd',
      model: 'anthropic/claude-sonnet-4.6',
      inferenceProvider: 'Google',
      finishReason: 'stop',
      isFailed: false,
      unreadableEvents: 0,
      usage: {
        inputTokens: 32_488,
        outputTokens: 49,
        cacheHitTokens: 31_429,
        cost: 0.01413195,
        isByok: null,
      },
    },
  ],
  [
    'openai.sse',
    {
      inferenceProvider: 'OpenAI',
      finishReason: 'tool_calls',
      usage: { inputTokens: 14_108, outputTokens: 79, cacheHitTokens: 13_696, cost: 0.008304 },
    },
  ],
  [
    'out-of-credits.sse',
    { generationId: null, model: null, finishReason: null, usage: null, isFailed: true },
  ],
])('%s is read to its end', (name, tally) => {
  expect(read(fixture(name))).toMatchObject(tally);
});

test('padded.json is read like any other JSON', () => {
  expect(accumulatedFromJson(fixture('padded.json'))).toMatchObject({
    inferenceProvider: 'Google',
    finishReason: 'stop',
    usage: { inputTokens: 55, outputTokens: 84, cost: 0.001425 },
  });
});

test('the last value of each field wins, and null never does', () => {
  const tally = [
    { id: 'gen-1', provider: 'Google', model: 'a', choices: [{ finish_reason: 'stop' }] },
    { id: null, provider: null, model: 'b', choices: [{ finish_reason: null }] },
    { usage: { prompt_tokens: 7, completion_tokens: 3, cost: 0.5 } },
    { usage: null },
  ].reduce(accumulate, emptyAccumulator);
  expect(tally).toMatchObject({
    generationId: 'gen-1',
    inferenceProvider: 'Google',
    model: 'b',
    finishReason: 'stop',
    usage: { inputTokens: 7, outputTokens: 3, cost: 0.5 },
  });
});

test("Vercel's provider is found where it is", () => {
  const routing = { routing: { finalProvider: 'bedrock' } };
  const delta = { provider_metadata: { gateway: routing } };
  expect(accumulate(emptyAccumulator, { choices: [{ delta }] }).inferenceProvider).toBe('bedrock');
});

test('an answer is finished when every choice that was begun is', () => {
  const begun = accumulate(emptyAccumulator, { choices: [{ index: 0 }, { index: 1 }] });
  const half = accumulate(begun, { choices: [{ index: 1, finish_reason: 'stop' }] });
  expect(isEnded(half)).toBe(false);
  expect(isEnded(accumulate(half, { choices: [{ index: 0, finish_reason: 'length' }] }))).toBe(
    true,
  );
  expect(isEnded(emptyAccumulator)).toBe(false);
  expect(isEnded({ ...half, isClosed: true })).toBe(true);
  expect(isEnded({ ...emptyAccumulator, isClosed: true })).toBe(false);
});

test('out of credits, inside a stream that began well', () => {
  const tally = read(
    ': OPENROUTER PROCESSING\n\ndata: {"error":{"message":"Insufficient credits","code":402},"user_id":"org_1"}\n\n',
  );
  expect(tally).toMatchObject({ isFailed: true, generationId: null, usage: null });
});

test('bad events are counted and skipped; a last one without its blank line counts', () => {
  const tally = read('data: {"id":\n\ndata: null\n\ndata: [DONE]\n\ndata: {"id":"gen-9"}');
  expect(tally).toMatchObject({ generationId: 'gen-9', unreadableEvents: 2 });
});

test('tokens that are no whole numbers count as none', () => {
  const usage = { prompt_tokens: 1.5, completion_tokens: -3, prompt_tokens_details: null };
  expect(accumulate(emptyAccumulator, { usage }).usage).toMatchObject({
    inputTokens: 0,
    outputTokens: 0,
  });
});

test('a padded JSON answer is read like any other', () => {
  const body = {
    id: 'g',
    provider: 'Google',
    usage: { cost: 0.001425 },
    choices: [{ message: {}, finish_reason: 'stop' }],
  };
  expect(accumulatedFromJson(`\n  \n${JSON.stringify(body)}`)).toMatchObject({
    generationId: 'g',
    finishReason: 'stop',
    usage: { cost: 0.001425 },
  });
});

test.each([null, '', '  ', 7, {}])(
  'a chunk that names its provider as %j does not make a known one unknown',
  (provider) => {
    const known = accumulate(emptyAccumulator, { provider: ' Google ' });
    expect(accumulate(known, { provider }).inferenceProvider).toBe('Google');
  },
);
