import type { Transform } from '../transforms/transform.ts';
import { withMessages } from '../transforms/messages.ts';
import { withMistralRules } from '../transforms/mistral-rules.ts';
import { without } from '../transforms/without.ts';
import { defineProvider } from './provider.ts';

const withAffinity: Transform = ({ chat, headers }) => {
  const key = chat['prompt_cache_key'];
  return typeof key === 'string' && key !== ''
    ? { chat, headers: { ...headers, 'x-affinity': key } }
    : { chat, headers };
};

/** It refuses a field that it does not know. */
const withoutUnknownFields: Transform = ({ chat, headers }) => ({
  headers,
  chat: withMessages(
    without(chat, [
      'reasoning',
      'reasoning_effort',
      'transforms',
      'safety_identifier',
      'prompt_cache_key',
      'user',
      'provider',
    ]),
    (message) => without(message, ['reasoning_details']),
  ),
});

export const mistral = defineProvider({
  id: 'mistral',
  baseUrl: 'MISTRAL_BASE_URL',
  key: 'MISTRAL_API_KEY',
  hashPepper: 'mistral',
  hasGenerations: false,
  // Codestral (docs.mistral.ai/getting-started/models, 2026-11-30).
  tariff: { prompt: 0.3, completion: 0.9, contextTokens: 256_000 },
  transforms: [withAffinity, withoutUnknownFields, withMistralRules],
});
