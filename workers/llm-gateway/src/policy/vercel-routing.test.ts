import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../catalog/models/catalogue.ts';
import { preferredModels } from '../catalog/models/preferred.ts';
import {
  isOnBothGateways,
  isSplit,
  mayVercelAnswer,
  unknownHealth,
  vercelShareOf,
} from './vercel-routing.ts';

const model = (id: string) => modelOf(ModelId.parse(id), ModelId.parse(id));

const calls = (failed: number, attempts = 100) => ({ attempts, failed });

test.each([
  ['nothing is known', unknownHealth, 10],
  ['both do well', { openrouter: calls(1), vercel: calls(1) }, 10],
  ['OpenRouter fails', { openrouter: calls(51), vercel: calls(0) }, 90],
  ['OpenRouter fails exactly half of the time', { openrouter: calls(50), vercel: calls(0) }, 10],
  ['both fail', { openrouter: calls(100), vercel: calls(51) }, 10],
  ['Vercel fails exactly half of the time', { openrouter: calls(51), vercel: calls(50) }, 10],
  ['Vercel nearly does', { openrouter: calls(51), vercel: calls(49) }, 90],
  ['Vercel is not known', { openrouter: calls(100), vercel: calls(0, 0) }, 90],
  ['Vercel is hardly known', { openrouter: calls(100), vercel: calls(19, 19) }, 90],
  ['Vercel fails, just known', { openrouter: calls(100), vercel: calls(20, 20) }, 10],
  ['19 of 19 fail', { openrouter: calls(19, 19), vercel: calls(0) }, 10],
  ['20 of 20 fail', { openrouter: calls(20, 20), vercel: calls(0) }, 90],
])('chooses the share of Vercel when %s', (_name, health, share) => {
  expect(vercelShareOf(health)).toBe(share);
});

test('splits these recommended models between the gateways', () => {
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
])('does not split %s', (id) => {
  expect(isSplit(model(id))).toBe(false);
});

test.each([
  'anthropic/claude-sonnet-4.6',
  'openai/gpt-5.2',
  'deepseek/deepseek-v3.2',
  'minimax/minimax-m2.5:free',
  'arcee-ai/trinity-large-preview:free',
])('%s can fail over to the other gateway', (id) => {
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
])('%s has only one gateway', (id) => {
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
  'keeps features that only OpenRouter has at OpenRouter: %j',
  (more) => {
    expect(mayVercelAnswer({ ...asked, chat: { ...asked.chat, ...more } }, undefined)).toBe(false);
  },
);
