import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../catalog/models/catalogue.ts';
import { isOnBothGateways, mayVercelAnswer } from './both-gateways.ts';

const model = (id: string) => modelOf(ModelId.parse(id), ModelId.parse(id));

test.each([
  'anthropic/claude-sonnet-4.6',
  'openai/gpt-5.2',
  'deepseek/deepseek-v3.2',
  'minimax/minimax-m2.5:free',
  'arcee-ai/trinity-large-preview:free',
])('%s is asked of the other gateway where one fails', (id) => {
  expect(isOnBothGateways(model(id))).toBe(true);
});

test.each([
  'openrouter/auto',
  'openrouter/sonoma-sky-alpha',
  'giga-potato-thinking',
  'corethink:free',
  'x-ai/grok-code-fast-1:optimized:free',
  'deepseek/deepseek-v3.2:nitro',
  'z-ai/glm-5:free',
])('%s has one place to be asked', (id) => {
  expect(isOnBothGateways(model(id))).toBe(false);
});

const asked = { model: model('z-ai/glm-5'), chat: { model: 'z-ai/glm-5' } };

test.each<[unknown, boolean]>([
  [undefined, true],
  ['deny', true],
  [{ data_collection: 'allow', only: ['z-ai'], order: ['z-ai'], zdr: true, ignore: [] }, true],
  [{ data_collection: 'deny' }, false],
  [{ ignore: ['deepinfra'] }, false],
  [{ max_price: { prompt: 1 } }, false],
  [{ quantizations: ['fp16'] }, false],
  [{ require_parameters: true }, false],
  [{ order: ['z-ai'], allow_fallbacks: false }, false],
  [{ allow_fallbacks: 'false' }, false],
  [{ allow_fallbacks: true, require_parameters: false, max_price: null, quantizations: [] }, true],
  [{ data_collection: 'DENY' }, false],
  [{ data_collection: null }, true],
  [{ sort: 'price' }, false],
  [{ enforce_distillable_text: true }, false],
  [{ only: ['google-vertex/us-east5'] }, false],
  [{ order: ['google-vertex/us-east5'] }, true],
  [{ only: 'google-vertex' }, false],
])('with the provider %j, Vercel may answer: %s', (provider, may) => {
  expect(mayVercelAnswer(asked, provider)).toBe(may);
});

test.each([{ plugins: [{ id: 'web' }] }, { models: ['openai/gpt-5.2'] }])(
  'keeps what only OpenRouter can do with OpenRouter: %j',
  (more) => {
    expect(mayVercelAnswer({ ...asked, chat: { ...asked.chat, ...more } }, undefined)).toBe(false);
  },
);
