import { expect, test } from 'vitest';
import type { ChatRequest } from '../request/chat-request.ts';
import { paidExtrasOf } from '../request/paid-extras.ts';
import { modelPricesIn, type ModelPrices } from './model-prices.ts';
import { requestSizeOf } from './request-size.ts';
import { extrasCostOf } from './surcharges.ts';
import { typicalCostOf, worstCaseOf } from './worst-case.ts';

const priced = (pricing: object, rest: object = {}): ModelPrices => {
  const entry = modelPricesIn({
    id: 'maker/model',
    context_length: 200_000,
    top_provider: { context_length: 200_000, max_completion_tokens: 50_000 },
    pricing: { prompt: '0.000003', completion: '0.000015', ...pricing },
    ...rest,
  });
  if (!entry) throw new Error('This has no price.');
  return entry.prices;
};
const plain = priced({});

type Options = {
  readonly bodyBytes?: number;
  readonly models?: readonly ModelPrices[];
};
const requestOf = (fields: object, { bodyBytes = 100 }: Options) => {
  const chat: ChatRequest = { model: 'maker/model', ...fields };
  const size = requestSizeOf(chat, bodyBytes);
  const extras = extrasCostOf(chat, paidExtrasOf(chat), { files: size.files, changes: {} });
  return { size, extras };
};
/** In USD. */
const worst = (fields: object, options: Options = {}): number =>
  worstCaseOf(requestOf(fields, options), options.models ?? [plain]) / 1e6;

test('is a token for every byte of the request, and as many as the answer may have', () => {
  expect(worst({ max_tokens: 1000 })).toBeCloseTo(100 * 3e-6 + 1000 * 15e-6, 6);
  expect(worst({ max_tokens: 1000 }, { bodyBytes: 10_000 })).toBeCloseTo(0.03 + 0.015, 6);
});

test('counts the larger of both limits, and what the model can write where there is none', () => {
  expect(worst({ max_tokens: 10, max_completion_tokens: 1000 })).toBeCloseTo(0.0153, 6);
  expect(worst({ max_tokens: 1000, max_completion_tokens: 10 })).toBeCloseTo(0.0153, 6);
  expect(worst({ max_tokens: null })).toBeCloseTo(0.0003 + 50_000 * 15e-6, 6);
  const untold = priced({}, { top_provider: {} });
  expect(worst({}, { models: [untold] })).toBeCloseTo(0.0003 + 200_000 * 15e-6, 6);
  // More than the model can read and write together is refused upstream.
  expect(worst({ max_tokens: 9e9 })).toBeCloseTo(0.0003 + 200_000 * 15e-6, 6);
});

test.each([-1, 0, Number.NaN, Infinity, '10', true, [], {}])(
  'believes no limit of %j, nor one beside it',
  (limit) => {
    expect(worst({ max_tokens: limit })).toBe(worst({}));
    expect(worst({ max_tokens: limit, max_completion_tokens: 10 })).toBe(worst({}));
  },
);

test.each([
  [8, 8],
  ['8', 8],
  [2.5, 3],
  [0, 1],
  [-8, 1],
  ['many', 1],
  [null, 1],
  [{}, 1],
])('multiplies by n: %j is %i answers', (n, answers) => {
  expect(worst({ n, max_tokens: 1000 })).toBeCloseTo(answers * 0.0153, 6);
});

test.each([
  { n: 1e9 },
  { n: 1e308 },
  { n: Infinity },
  { n: 1e308, max_tokens: 1e10, service_tier: 'priority' },
  { reasoning: { max_tokens: 1e308 }, n: 1e308 },
  {
    plugins: [
      { id: 'web', max_results: 1e308 },
      { id: 'web', max_results: 1e308 },
    ],
  },
])('is never more than any answer can be charged: %j', (fields) => {
  expect(worst(fields)).toBe(1000);
});

test('has a floor', () => {
  const cheap = priced({ prompt: '0', completion: '0' });
  expect(worst({ max_tokens: 1 }, { models: [cheap], bodyBytes: 0 })).toBe(0.001);
  expect(worst({ max_tokens: 1 }, { models: [] })).toBe(0.001);
});

test('is the dearest of the models that may answer', () => {
  const dear = priced({ completion: '0.0006' });
  expect(worst({ max_tokens: 1000 }, { models: [plain, dear, plain] })).toBeCloseTo(0.6003, 6);
});

test('counts the dearest way in which tokens may be charged', () => {
  const models = [
    priced({ input_cache_write: '0.00000375', input_cache_write_1h: '0.000006', request: '0.01' }),
  ];
  expect(worst({ max_tokens: 1 }, { models })).toBeCloseTo(0.01 + 100 * 3.75e-6 + 15e-6, 5);
  const cached = [{ role: 'user', content: [], cache_control: { ttl: '1h' } }];
  expect(worst({ max_tokens: 1, messages: cached }, { models })).toBeCloseTo(0.010615, 5);
  const thinks = [priced({ internal_reasoning: '0.00006' })];
  expect(worst({ max_tokens: 1000 }, { models: thinks })).toBeCloseTo(0.0603, 6);
});

test('counts thoughts beside the limit of the answer', () => {
  const tokens = (fields: object) => (worst({ max_tokens: 1000, ...fields }) - 0.0003) / 15e-6;
  expect(tokens({ reasoning: { max_tokens: 8000 } })).toBeCloseTo(9000, 0);
  expect(tokens({ reasoning: { effort: 'low' } })).toBeCloseTo(2024, 0);
  expect(tokens({ reasoning_effort: 'high' })).toBeCloseTo(2024, 0);
});

test('charges a long prompt at the prices of long prompts', () => {
  const overrides = [{ min_prompt_tokens: 100_000, prompt: '0.000006', completion: '0.0000225' }];
  const models = [priced({ overrides })];
  expect(worst({ max_tokens: 1000 }, { models, bodyBytes: 99_999 })).toBeCloseTo(0.314997, 5);
  expect(worst({ max_tokens: 1000 }, { models, bodyBytes: 100_000 })).toBeCloseTo(0.6225, 5);
});

const data = `data:image/png;base64,${'A'.repeat(1_000_000)}`;
const withParts = (...content: readonly object[]) => ({
  max_tokens: 1,
  messages: [{ role: 'user', content }],
});

test('counts an image by itself, not by its bytes', () => {
  const image = { type: 'image_url', image_url: { url: data } };
  const bytes = 1_000_300;
  const one = worst(withParts(image), { bodyBytes: bytes });
  expect(one).toBeCloseTo(16_384 * 3e-6 + 278 * 3e-6, 3);
  const models = [priced({ image: '0.01' })];
  expect(worst(withParts(image), { models, bodyBytes: bytes })).toBeCloseTo(one + 0.01, 5);
  const linked = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
  expect(worst(withParts(linked, linked))).toBeCloseTo(2 * 16_384 * 3e-6 + 0.0003, 4);
});

test('does not take text for an image', () => {
  const text = { type: 'image_url', image_url: { url: data.replace('image/png', 'text/plain') } };
  const whole = 200_000 * 3e-6;
  expect(worst(withParts(text), { bodyBytes: 1_000_300 })).toBeCloseTo(whole, 4);
  const part = { type: 'text', text: data };
  expect(worst(withParts(part), { bodyBytes: 1_000_300 })).toBeCloseTo(whole, 4);
});

test.each([
  { type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } },
  { type: 'input_audio', input_audio: { data: 'https://example.com/a.mp3' } },
  { type: 'tool_result', content: [] },
  { type: 'from-the-future' },
  {},
])('takes what may be of any length for all that the model can read: %j', (part) => {
  expect(worst(withParts(part))).toBeCloseTo(200_000 * 3e-6, 4);
});

test('counts a file as all that the model can read, and the parser that may read it', () => {
  const file = { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } };
  expect(worst(withParts(file))).toBeCloseTo(0.6 + 2.2, 4);
  expect(worst(withParts(file, file))).toBeCloseTo(0.6 + 4.4, 4);
  const free = { plugins: [{ id: 'file-parser', pdf: { engine: 'native' } }] };
  expect(worst({ ...withParts(file), ...free })).toBeCloseTo(0.6, 4);
  const paid = { plugins: [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }] };
  expect(worst({ ...withParts(file, file), ...paid })).toBeCloseTo(0.6 + 4.4, 4);
});

test('counts audio at its own price, by its bytes', () => {
  const models = [priced({ audio: '0.00004' })];
  const audio = { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } };
  expect(worst(withParts(audio), { models })).toBeCloseTo(100 * 4e-5, 4);
});

test.each([
  ['priority', 2.5],
  ['from-the-future', 6],
  ['flex', 1],
  ['default', 1],
  [null, 1],
])('multiplies by the service tier %j', (service_tier, factor) => {
  expect(worst({ service_tier, max_tokens: 1000 })).toBeCloseTo(0.0153 * factor, 6);
});

test('counts what paid extras cost, what they let the model read, and how often it answers', () => {
  const whole = 200_000 * 3e-6 + 15e-6;
  const fields = { max_tokens: 1 };
  expect(worst({ ...fields, plugins: [{ id: 'web' }] })).toBeCloseTo(whole + 0.05, 4);
  expect(worst({ ...fields, plugins: [{ id: 'web', max_results: 100 }] })).toBeCloseTo(
    whole + 0.4,
    4,
  );
  expect(worst({ ...fields, web_search_options: {} })).toBeCloseTo(whole + 0.05, 4);
  expect(worst({ ...fields, model: 'maker/model:online' })).toBeCloseTo(whole + 0.05, 4);
  const tools = [{ type: 'openrouter:web_search' }];
  expect(worst({ ...fields, tools })).toBeCloseTo(31 * whole + 30 * 0.05, 3);
});

test('typically costs a token for every four bytes, and 4000 tokens of an answer', () => {
  const typical = (fields: object, bodyBytes: number) =>
    typicalCostOf(requestOf(fields, { bodyBytes }), [plain]) / 1e6;
  expect(typical({}, 4000)).toBeCloseTo(1000 * 3e-6 + 4000 * 15e-6, 6);
  expect(typical({ max_tokens: 100 }, 4000)).toBeCloseTo(0.0045, 6);
  expect(typical({ plugins: [{ id: 'web' }] }, 4000)).toBeCloseTo(0.063 + 0.05, 6);
});
