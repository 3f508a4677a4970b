import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import type { CustomLlm } from '../../exchange/custom-llm.ts';
import { endpointOf } from './endpoint.ts';

const llm: CustomLlm = {
  id: ModelId.parse('kilo-internal/own'),
  name: 'Own',
  contextTokens: 100_000,
  seesImages: false,
  internalId: 'own',
  provider: 'openai',
  baseUrl: 'https://llm.example.com/v1',
  apiKey: 'key',
  outputTokensMax: 1000,
  verbosity: null,
  reasoningEffort: null,
  isReasoning: false,
};
const isCalled = (baseUrl: string, mayBePrivate: boolean) =>
  endpointOf({ ...llm, baseUrl }, { mayBePrivate }).ok;

test.each([
  'https://api.openai.com/v1',
  'https://LLM.Example.com:8443/v1',
  'https://localhost.example.com',
])('%s is called from anywhere', (baseUrl) => {
  expect(isCalled(baseUrl, false)).toBe(true);
});

test.each([
  'http://llm.example.com/v1',
  'https://localhost/v1',
  'https://gateway/v1',
  'https://app.localhost',
  'https://printer.local',
  'https://metadata.google.internal',
  'https://llm.internal./v1',
  'https://127.0.0.1',
  'https://127.1',
  'https://2130706433',
  'https://0x7f.0.0.1',
  'https://169.254.169.254/latest',
  'https://203.0.113.7',
  'https://[::1]/v1',
  'https://[::ffff:127.0.0.1]/v1',
  'https://user:password@llm.example.com',
])('%s is called only on one machine', (baseUrl) => {
  expect(isCalled(baseUrl, false)).toBe(false);
  expect(isCalled(baseUrl, true)).toBe(true);
});

test('rejects malformed URLs and unsupported protocols', () => {
  expect(isCalled('llm.example.com', true)).toBe(false);
  const other = endpointOf({ ...llm, provider: 'xai' }, { mayBePrivate: true });
  expect(other).toEqual({ ok: false, error: 'Unknown provider: xai' });
});
