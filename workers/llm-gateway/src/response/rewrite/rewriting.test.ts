import { ExchangeId, ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../../catalog/models/catalogue.ts';
import { rewritingOf } from './rewriting.ts';

const arrival = { id: ExchangeId.parse('123e4567-e89b-42d3-a456-426614174000') };
const rewriting = (id: string, promotion: string | null, provider: string) => {
  const model = modelOf(ModelId.parse(id), ModelId.parse(id));
  return rewritingOf({ arrival, model, grant: { promotion }, outcome: { target: { provider } } });
};
const PAID = 'anthropic/claude-sonnet-4.6';

test.each([
  ['minimax/minimax-m2.5:free', null, 'openrouter'],
  ['corethink:free', null, 'corethink'],
  ['giga-potato', null, 'gigapotato'],
  [PAID, 'cloud-agent', 'openrouter'],
  [PAID, 'cloud-agent', 'vercel'],
])('the price of %s is hidden (promotion %s, at %s)', (id, promotion, provider) => {
  const answer = { id: 'gen-1', model: 'real', usage: { prompt_tokens: 7, cost: 0.5 } };
  const shown = rewriting(id, promotion, provider)?.answer(answer);
  expect(shown).toMatchObject({ model: id, usage: { prompt_tokens: 7 } });
  expect(shown).not.toHaveProperty('usage.cost');
});

test.each([
  [PAID, null, 'openrouter'],
  // Retired: nobody is served it.
  ['z-ai/glm-5:free', null, 'openrouter'],
  // Free at OpenRouter, not on the house.
  ['qwen/qwen3-coder:free', null, 'openrouter'],
  [PAID, 'cloud-agent', 'custom'],
])('the answer of %s is not touched (promotion %s, at %s)', (id, promotion, provider) => {
  expect(rewriting(id, promotion, provider)).toBeNull();
});
