import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../models/catalogue.ts';
import { vercelModelOf } from './vercel-model.ts';

test.each([
  ['arcee-ai/trinity-large-preview:free', 'arcee-ai/trinity-large-preview'],
  ['mistralai/codestral-2508', 'mistral/codestral'],
  ['mistralai/devstral-2512', 'mistral/devstral-2'],
  ['mistralai/mistral-large', 'mistral/mistral-large'],
  ['minimax/minimax-m2.5:free', 'minimax/minimax-m2.5'],
  ['moonshotai/kimi-k2.5:free', 'moonshotai/kimi-k2.5'],
  ['z-ai/glm-5:free', 'zai/glm-5:free'],
  ['z-ai/glm-5', 'zai/glm-5'],
  ['giga-potato', 'giga-potato'],
  ['openai/gpt-oss-120b', 'openai/gpt-oss-120b'],
  ['openai/gpt-5.2', 'openai/gpt-5.2'],
  ['anthropic/claude-opus-4.6', 'anthropic/claude-opus-4.6'],
  ['google/gemini-3.1-pro-preview', 'google/gemini-3.1-pro-preview'],
  ['qwen/qwen3-coder', 'alibaba/qwen3-coder'],
  ['x-ai/grok-code-fast-1', 'xai/grok-code-fast-1'],
  ['deepseek/deepseek-v3', 'deepseek/deepseek-v3'],
])('%s is %s there', (id, expected) => {
  const resolved = ModelId.parse(id);
  expect(vercelModelOf(modelOf(resolved, resolved))).toBe(expected);
});
