import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../catalog/models/catalogue.ts';
import type { ByokProvider } from '../exchange/byok-key.ts';
import { allowsKey, allowsModel, preferencesOf } from './organization-policy.ts';

const settings = { modelAllowList: [], providerAllowList: [], dataCollection: null } as const;
const model = (id: string) => modelOf(ModelId.parse(id), ModelId.parse(id));

test.each<[readonly string[], string, boolean]>([
  [['anthropic/*'], 'anthropic/claude-sonnet-4.6', true],
  [['openai/gpt-4'], 'openai/gpt-4', true],
  [['openai/gpt-4'], 'anthropic/claude-sonnet-4.6', false],
  [['openai/*'], 'openai/gpt-4', true],
  [['openai/*'], 'openai/gpt-3.5-turbo', true],
  [[], 'openai/gpt-4', true],
  [['anthropic/*', 'openai/gpt-4'], 'openai/gpt-3.5-turbo', false],
  [['giga-potato/*'], 'giga-potato', true],
  [['minimax/minimax-m2.5'], 'minimax/minimax-m2.5:free', true],
  [['minimax/minimax-m2.5:free'], 'minimax/minimax-m2.5:free', false],
])('an enterprise that allows %j: %s is %s', (modelAllowList, id, expected) => {
  const rules = { plan: 'enterprise', settings: { ...settings, modelAllowList } };
  expect(allowsModel(rules, model(id))).toBe(expected);
  expect(allowsModel({ ...rules, plan: 'teams' }, model(id))).toBe(true);
});

test.each<[readonly string[], string, boolean]>([
  [['anthropic'], 'giga-potato', false],
  [['anthropic', 'stealth'], 'giga-potato', true],
  [['anthropic'], 'corethink:free', false],
  [['corethink'], 'corethink:free', true],
  [['anthropic'], 'x-ai/grok-code-fast-1:optimized:free', false],
  [['anthropic'], 'x-ai/grok-code-fast-1', true],
  [[], 'corethink:free', true],
])('an enterprise that allows the providers %j: %s is %s', (providerAllowList, id, expected) => {
  const rules = { plan: 'enterprise', settings: { ...settings, providerAllowList } };
  expect(allowsModel(rules, model(id))).toBe(expected);
});

const anthropic = ['anthropic'];
test.each([
  ['teams', { providerAllowList: anthropic }, null],
  ['enterprise', { providerAllowList: anthropic }, { only: anthropic }],
  ['enterprise', {}, null],
  ['teams', { dataCollection: 'allow' }, { data_collection: 'allow' }],
  ['enterprise', { dataCollection: 'deny' }, { data_collection: 'deny' }],
  ['teams', { dataCollection: 'deny', providerAllowList: anthropic }, { data_collection: 'deny' }],
  [
    'enterprise',
    { dataCollection: 'deny', providerAllowList: anthropic },
    { only: anthropic, data_collection: 'deny' },
  ],
] as const)('%s with %j prefers %j', (plan, own, expected) => {
  expect(preferencesOf({ plan, settings: { ...settings, ...own } })).toEqual(expected);
});

test.each<[readonly string[], ByokProvider, boolean]>([
  [[], 'openai', true],
  [['openai'], 'openai', true],
  [['anthropic'], 'openai', false],
  [['amazon-bedrock'], 'bedrock', true],
  [['bedrock'], 'bedrock', true],
  [['google-ai-studio'], 'google', true],
  [['google-vertex'], 'google', false],
  [['Z-AI'], 'zai', true],
  [['mistral'], 'mistral', true],
  [['mistral'], 'codestral', true],
  [['codestral'], 'codestral', false],
])('an enterprise that allows the providers %j: a key of %s is %s', (list, provider, expected) => {
  const rules = { settings: { ...settings, providerAllowList: list } };
  expect(allowsKey({ plan: 'enterprise', ...rules }, provider)).toBe(expected);
  expect(allowsKey({ plan: 'teams', ...rules }, provider)).toBe(true);
});
