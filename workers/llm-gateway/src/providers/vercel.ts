import type { Fit } from '../composition/fit.ts';
import { withNullableLineRanges } from '../composition/nullable-line-ranges.ts';
import { vercelModelOf } from '../composition/vercel-model.ts';
import { without } from '../composition/without.ts';
import { isRecord } from '../request/chat-request.ts';
import { defineProvider } from './provider.ts';

const withGeminiTools: Fit = ({ chat, headers }, { resolved }) => ({
  headers,
  chat: resolved.startsWith('google/gemini') ? withNullableLineRanges(chat) : chat,
});

/** `providerOptions` is ours alone: a client's could name another's key, or a provider that policy forbids. */
const withProviderOptions: Fit = ({ chat, headers }, context) => {
  const verbosity = chat['verbosity'];
  return {
    headers,
    chat: {
      ...without(chat, ['provider']),
      model: vercelModelOf(context),
      providerOptions: {
        gateway: gatewayOptionsOf(chat['provider']),
        ...(Boolean(verbosity) && { anthropic: { effort: verbosity } }),
      },
    },
  };
};

const gatewayOptionsOf = (provider: unknown): Readonly<Record<string, unknown>> =>
  isRecord(provider)
    ? {
        only: namesOf(provider['only']),
        order: namesOf(provider['order']),
        zeroDataRetention: provider['zdr'],
      }
    : {};

const namesOf = (providers: unknown): readonly string[] | undefined =>
  Array.isArray(providers)
    ? providers.filter((name) => typeof name === 'string').map(inferenceProviderOf)
    : undefined;

/** From OpenRouter's name of an inference provider, with or without a variant, to Vercel's. */
function inferenceProviderOf(name: string): string {
  const id = name.split('/', 1)[0]?.toLowerCase() ?? '';
  return vercelNames.get(id) ?? id;
}

const vercelNames: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'bedrock'],
  ['google-ai-studio', 'google'],
  ['google-vertex', 'vertex'],
  ['z-ai', 'zai'],
]);

export const vercel = defineProvider({
  id: 'vercel',
  baseUrl: 'VERCEL_BASE_URL',
  key: 'VERCEL_AI_GATEWAY_API_KEY',
  hashPepper: 'vercel',
  hasGenerations: true,
  fits: [withGeminiTools, withProviderOptions],
});
