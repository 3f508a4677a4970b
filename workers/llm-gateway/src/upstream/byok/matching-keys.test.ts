import { ModelId } from '@gateway/worker-utils/ids';
import { err, ok } from '@gateway/worker-utils/result';
import { expect, test } from 'vitest';
import { modelOf } from '../../catalog/models/catalogue.ts';
import { matchingKeys, type ModelHosts } from './matching-keys.ts';
import type { ByokProvider } from '../../exchange/byok-key.ts';

const hosts: Readonly<Record<string, readonly string[]>> = {
  'anthropic/claude-sonnet-4.6': ['vertex', 'bedrock', 'anthropic', 'anthropic'],
  'zai/glm-5': ['zai', 'deepinfra', 'codestral'],
  'minimax/minimax-m2.5': ['minimax'],
  'mistral/codestral': ['mistral'],
};
const catalogue: ModelHosts = { of: async (model) => ok(hosts[model] ?? []) };
const nobodyAsks: ModelHosts = { of: () => Promise.reject(new Error('Nobody was to be asked.')) };

async function fitting(keys: readonly ByokProvider[], model: string, modelHosts = catalogue) {
  const brought = keys.map((provider) => ({ id: provider, provider, sealed: null }));
  const id = ModelId.parse(model);
  const found = await matchingKeys(brought, modelOf(id, id), modelHosts);
  return found.ok ? found.value.map(({ provider }) => provider) : found.error;
}

test.each<[readonly ByokProvider[], string, readonly ByokProvider[]]>([
  [['openai', 'anthropic'], 'anthropic/claude-sonnet-4.6', ['anthropic']],
  // In the order in which they were brought, not in that of the catalogue.
  [['anthropic', 'bedrock'], 'anthropic/claude-sonnet-4.6', ['anthropic', 'bedrock']],
  [['openai'], 'anthropic/claude-sonnet-4.6', []],
  [['zai', 'codestral'], 'z-ai/glm-5', ['zai']],
  [['minimax'], 'minimax/minimax-m2.5:free', ['minimax']],
  [['openai'], 'openai/unheard-of', []],
  [['mistral'], 'mistralai/codestral-2508', []],
  [['mistral', 'codestral'], 'mistralai/codestral-2508', ['codestral']],
])('of the keys %j, %s can be served with %j', async (keys, model, expected) => {
  expect(await fitting(keys, model)).toEqual(expected);
});

test('skips the lookup without keys, and where the model name decides', async () => {
  expect(await fitting([], 'anthropic/claude-sonnet-4.6', nobodyAsks)).toEqual([]);
  expect(await fitting(['codestral'], 'mistralai/codestral', nobodyAsks)).toEqual(['codestral']);
});

test('reports an unavailable catalogue instead of returning no keys', async () => {
  const away: ModelHosts = { of: async () => err('unavailable') };
  expect(await fitting(['openai'], 'openai/gpt-5.2', away)).toBe('unavailable');
});
