import { expect, test } from 'vitest';
import { billOf, extrasUsdOf } from './extras.ts';

const tokens = { promptTokens: 100, completionTokens: 10 };
const chat = { model: 'openai/gpt-5-nano', messages: [{ role: 'user', content: 'Hello!' }] };
/** Nano-dollars a token: 50 of the prompt, 400 of the answer; 5000 and 25000 of Claude Opus. */
const NANO = 1e-9;
const OWN = (100 * 50 + 10 * 400) * NANO;
const OPUS = (100 * 5000 + 10 * 25_000) * NANO;
const FOUND = 2000 * 50 * NANO;
const file = { role: 'user', content: [{ type: 'file', file: {} }] };

test.each<[string, object, number]>([
  ['nothing', {}, 0],
  ['tools of the client', { tools: [{ type: 'function', function: { name: 'read' } }] }, 0],
  ['a plugin that is off', { plugins: [{ id: 'web', enabled: false }] }, 0],
  ['five results', { plugins: [{ id: 'web' }] }, 0.02 + FOUND],
  ['as many results as are asked for', { plugins: { id: 'web', max_results: 10 } }, 0.04 + FOUND],
  ['a search of the model', { web_search_options: {} }, 0.01 + FOUND],
  ['a search by name', { model: 'openai/gpt-5-nano:online' }, 0.02 + FOUND],
  ['each call of a tool', { tools: [{ type: 'openrouter:bash' }] }, 2 * (0.03 + OWN)],
  ['an adviser', { tools: [{ type: 'openrouter:advisor' }] }, 2 * (OPUS + OWN)],
  ['a preset', { preset: 'dear' }, OPUS],
  [
    'each member of a panel',
    { plugins: [{ id: 'fusion', analysis_models: [chat.model] }] },
    OWN + OPUS,
  ],
  ['a parser that nobody named', { messages: [file] }, 0.04 + FOUND],
])('bills %s', (_name, fields, usd) => {
  expect(extrasUsdOf(billOf({ ...chat, ...fields }, { uses: 2 }), tokens)).toBeCloseTo(usd, 12);
});

test('names the model that answers, and the factor of the tier', () => {
  const routed = { plugins: [{ id: 'auto-router', allowed_models: ['openai/*'] }] };
  expect(billOf({ ...chat, ...routed }).model).toBe('openai/gpt-5.2');
  const fallbacks = { models: ['z-ai/glm-5', 'openai/gpt-5.2'] };
  expect(billOf({ ...chat, ...fallbacks }).model).toBe(chat.model);
  expect(billOf({ ...chat, ...fallbacks }, { answers: 'last' }).model).toBe('openai/gpt-5.2');
  expect(billOf({ ...chat, model: 'openrouter/auto' }).model).toBe('anthropic/claude-opus-4.6');
  expect(billOf({ ...chat, service_tier: 'priority' }).factor).toBe(2);
});
