import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { sponsoredModels, isSponsored, isStealth, type Model, modelOf } from './catalogue.ts';
import { preferredModels } from './preferred.ts';

const model = (text: string): Model => {
  const id = ModelId.parse(text);
  return modelOf(id, id);
};

test.each([
  'giga-potato',
  ' Giga-Potato-Thinking ',
  'corethink:free',
  'minimax/minimax-m2.5:free',
  'moonshotai/kimi-k2.5:free',
])('%j is free by our own list', (id) => {
  expect(model(id).isFree).toBe(true);
});

test.each([
  'gpt-4',
  'gpt-4:free',
  ':free',
  'minimax/minimax-m2.5:free:free',
  'minimax/minimax-m2.5:free:online',
  'openrouter/free',
  'openrouter/auto-beta',
  'openrouter/sonoma-dusk-alpha',
])('%j is not free by its name', (id) => {
  expect(model(id).isFree).toBe(false);
});

test('lists seven sponsored models, five of them still offered', () => {
  expect(sponsoredModels.size).toBe(7);
  const offered = [...sponsoredModels.keys()].filter((id) => isSponsored(model(id)));
  expect(offered.toSorted()).toEqual([
    'corethink:free',
    'giga-potato',
    'giga-potato-thinking',
    'minimax/minimax-m2.5:free',
    'moonshotai/kimi-k2.5:free',
  ]);
});

test('each sponsored model belongs to its maker and has the published limits', () => {
  for (const [id, sponsored] of sponsoredModels) {
    expect(model(id).family?.sponsored).toContain(sponsored);
  }
  const limits = [...sponsoredModels].map(([id, { contextTokens, outputTokensMax }]) => [
    id,
    contextTokens,
    outputTokensMax,
  ]);
  expect(limits).toEqual([
    ['corethink:free', 78_000, 8_192],
    ['giga-potato', 256_000, 32_000],
    ['giga-potato-thinking', 256_000, 32_000],
    ['minimax/minimax-m2.5:free', 204_800, 131_072],
    ['moonshotai/kimi-k2.5:free', 262_144, 65_536],
    ['x-ai/grok-code-fast-1:optimized:free', 256_000, 10_000],
    ['z-ai/glm-5:free', 202_800, 131_072],
  ]);
});

test('a retired model is still free, so that all hear the same of it', () => {
  for (const id of ['z-ai/glm-5:free', 'x-ai/grok-code-fast-1:optimized:free']) {
    expect(model(id)).toMatchObject({ isFree: true, sponsored: { state: 'retired' } });
    expect(isSponsored(model(id))).toBe(false);
  }
});

test('the makers of some are not named', () => {
  expect([...sponsoredModels.keys()].filter((id) => isStealth(model(id)))).toEqual([
    'giga-potato',
    'giga-potato-thinking',
    'x-ai/grok-code-fast-1:optimized:free',
  ]);
});

test.each([
  ['x-ai/grok-code-fast-1:optimized:free', 'x-ai/grok-code-fast-1'],
  ['corethink:free', 'corethink'],
  ['openai/gpt-5.2', 'openai/gpt-5.2'],
])('%s is a variant of %s', (id, base) => {
  expect(model(id).base).toBe(base);
});

test('a model without its variant is another model', () => {
  expect(model('corethink').sponsored).toBeNull();
  expect(model('minimax/minimax-m2.5').isFree).toBe(false);
});

test.each([
  'arcee-ai/trinity-mini:free',
  'cognitivecomputations/dolphin-mistral-24b-venice-edition:free',
  'deepseek/deepseek-r1-0528:free',
  'google/gemma-3-12b-it:free',
  'google/gemma-3-27b-it:free',
  'google/gemma-3-4b-it:free',
  'google/gemma-3n-e2b-it:free',
  'google/gemma-3n-e4b-it:free',
  'liquid/lfm-2.5-1.2b-instruct:free',
  'liquid/lfm-2.5-1.2b-thinking:free',
  'meta-llama/llama-3.2-3b-instruct:free',
  'meta-llama/llama-3.3-70b-instruct:free',
  'mistralai/mistral-small-3.1-24b-instruct:free',
  'nousresearch/hermes-3-llama-3.1-405b:free',
  'nvidia/nemotron-3-nano-30b-a3b:free',
  'nvidia/nemotron-nano-12b-v2-vl:free',
  'nvidia/nemotron-nano-9b-v2:free',
  'openai/gpt-oss-120b:free',
  'openai/gpt-oss-20b:free',
  'qwen/qwen3-4b:free',
  'qwen/qwen3-coder:free',
  'qwen/qwen3-next-80b-a3b-instruct:free',
  'upstage/solar-pro-3:free',
  'z-ai/glm-4.5-air:free',
])('%s is withdrawn, and its paid form is not', (id) => {
  expect(model(id).isWithdrawn).toBe(true);
  expect(model(id.replace(':free', '')).isWithdrawn).toBe(false);
});

test('recognizes withdrawn models by their full id in any case', () => {
  expect(model('Qwen/Qwen3-Coder:free').isWithdrawn).toBe(true);
  expect(model('upstage/solar-pro-3:free').isWithdrawn).toBe(true);
  expect(model('qwen/qwen3-coder').isWithdrawn).toBe(false);
});

test('the first free model that is recommended is really free', () => {
  expect(preferredModels.find((id) => id.includes(':free'))).toBe('minimax/minimax-m2.5:free');
  expect(model('minimax/minimax-m2.5:free').isFree).toBe(true);
  expect(preferredModels).toHaveLength(13);
});

test.each([...preferredModels])('%s is recommended, and offered', (id) => {
  expect(model(id).isWithdrawn).toBe(false);
  expect(model(id).sponsored?.state).not.toBe('retired');
});
