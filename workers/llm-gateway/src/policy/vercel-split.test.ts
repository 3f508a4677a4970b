import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../models/catalogue.ts';
import { preferredModels } from '../models/preferred.ts';
import { isSplit } from './vercel-split.ts';

const model = (id: string) => modelOf(ModelId.parse(id), ModelId.parse(id));

test('of the recommended models, these are split between the gateways', () => {
  expect(
    preferredModels.filter((id) => isSplit(model(id), undefined) && !id.startsWith('kilo/')),
  ).toEqual([
    'minimax/minimax-m2.5:free',
    'moonshotai/kimi-k2.5:free',
    'arcee-ai/trinity-large-preview:free',
    'google/gemini-3.1-pro-preview',
    'z-ai/glm-5',
    'x-ai/grok-code-fast-1',
  ]);
});

test.each([
  'anthropic/claude-sonnet-4.6',
  'openai/gpt-5.2',
  'giga-potato-thinking',
  'minimax/minimax-m2.5',
  'z-ai/glm-5:free',
  'deepseek/deepseek-v3.2',
  'openrouter/sonoma-sky-alpha',
])('%s is not', (id) => {
  expect(isSplit(model(id), undefined)).toBe(false);
});

test.each<[unknown, boolean]>([
  [{ data_collection: 'deny' }, false],
  [{ data_collection: 'allow' }, true],
  [{ zdr: true, only: ['z-ai'] }, true],
  ['deny', true],
  [null, true],
])('with the provider %j: %s', (provider, expected) => {
  expect(isSplit(model('z-ai/glm-5'), provider)).toBe(expected);
});
