import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../catalog/models/catalogue.ts';
import { preferredModels } from '../catalog/models/preferred.ts';
import { isOnBothGateways } from './both-gateways.ts';
import { isSplit } from './vercel-split.ts';

const model = (id: string) => modelOf(ModelId.parse(id), ModelId.parse(id));

test('of the recommended models, these are split between the gateways', () => {
  expect(
    preferredModels.filter(
      (id) => isSplit(model(id)) && isOnBothGateways(model(id)) && !id.startsWith('kilo/'),
    ),
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
  'minimax/minimax-m2.5',
  'deepseek/deepseek-v3.2',
  'openrouter/sonoma-sky-alpha',
])('%s is not', (id) => {
  expect(isSplit(model(id))).toBe(false);
});
