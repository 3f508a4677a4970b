import type { Transform } from '../transforms/transform.ts';
import { withNullableLineRanges } from '../transforms/nullable-line-ranges.ts';
import { vercelModelOf } from '../transforms/vercel-model.ts';
import { without } from '../transforms/without.ts';
import type { Credentials } from '../../exchange/byok-credentials.ts';
import { isRecord } from '../../request/chat-request.ts';
import { defineProvider } from './provider.ts';
import { vercelProviderOf } from './vercel-names.ts';

const withGeminiTools: Transform = ({ chat, headers }, { resolved }) => ({
  headers,
  chat: resolved.startsWith('google/gemini') ? withNullableLineRanges(chat) : chat,
});

const CONTEXT_BETA = 'context-1m-2025-08-07';

/** Vercel hands Anthropic's own header on, not OpenRouter's. */
const withAnthropicBeta: Transform = ({ chat, headers }, { resolved }) => {
  if (!resolved.startsWith('anthropic/')) return { chat, headers };
  const { 'x-anthropic-beta': collected, ...rest } = headers;
  const betas = collected === undefined ? CONTEXT_BETA : `${collected},${CONTEXT_BETA}`;
  return { chat, headers: { ...rest, 'anthropic-beta': betas } };
};

/** `providerOptions` is ours alone: a client's could name another's key, or a provider that policy forbids. */
const withProviderOptions: Transform = ({ chat, headers }, context) => {
  const verbosity = chat['verbosity'];
  return {
    headers,
    chat: {
      ...without(chat, ['provider']),
      model: vercelModelOf(context),
      providerOptions: {
        gateway: context.byokCredentials
          ? ownKeyOptionsOf(context.byokCredentials)
          : gatewayOptionsOf(chat['provider']),
        ...(Boolean(verbosity) && { anthropic: { effort: verbosity } }),
      },
    },
  };
};

/** `only` accompanies the keys so that Vercel never falls back to the platform account. */
function ownKeyOptionsOf(all: readonly Credentials[]): Readonly<Record<string, unknown>> {
  const only = [...new Set(all.map(({ provider }) => provider))];
  const byok = only.map((name) => {
    const entries = all.flatMap(({ provider, entries: own }) => (provider === name ? own : []));
    return [name, entries] as const;
  });
  return { only, byok: Object.fromEntries(byok) };
}

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
    ? providers.filter((name) => typeof name === 'string').map(vercelProviderOf)
    : undefined;

export const vercel = defineProvider({
  id: 'vercel',
  baseUrl: 'VERCEL_BASE_URL',
  key: 'VERCEL_AI_GATEWAY_API_KEY',
  hashPepper: 'vercel',
  hasGenerations: true,
  tariff: null,
  transforms: [withGeminiTools, withAnthropicBeta, withProviderOptions],
});
