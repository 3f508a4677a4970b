import { ok, type Result } from '@gateway/worker-utils/result';
import type { Call, Composed, Routed, Target, UpstreamRequest } from '../exchange.ts';
import type { Model } from '../models/catalogue.ts';
import { APP_HEADERS, providerHash } from '../providers/identifiers.ts';
import type { Provider } from '../providers/provider.ts';
import { type ProviderBaseUrl, type ProviderKey, providers } from '../providers/registry.ts';
import type { Refusal } from '../refusal.ts';
import { type ChatRequest, isRecord } from '../request/chat-request.ts';

type Needs = {
  readonly baseUrls: { readonly of: (name: ProviderBaseUrl) => string };
  readonly secrets: { readonly get: (name: ProviderKey) => Promise<string> };
};

/** Nothing of the client's goes upstream but the body: no query string, no header. */
export function compose(exchange: Routed, needs: Needs): Result<Composed, Refusal> {
  const callTo = (target: Target): Call => ({
    target,
    compose: () => upstreamRequest(exchange, target, needs),
  });
  const [first, ...rest] = exchange.plan;
  return ok({ ...exchange, calls: [callTo(first), ...rest.map(callTo)] });
}

async function upstreamRequest(
  { chat, model, caller, arrival }: Routed,
  target: Target,
  needs: Needs,
): Promise<UpstreamRequest> {
  const provider = providers[target.provider];
  const identified = await withIdentifiers(chat, {
    provider,
    user: caller.id,
    task: arrival.hints.task,
  });
  return {
    url: `${needs.baseUrls.of(provider.baseUrl)}/chat/completions`,
    headers: {
      ...APP_HEADERS,
      Authorization: `Bearer ${await needs.secrets.get(provider.key)}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(fitted(identified, model)),
  };
}

type Identity = {
  readonly provider: Provider;
  readonly user: string;
  readonly task: string | null;
};

/** Pseudonyms for the caller: what the upstream bans or caches by. A client can't choose another's. */
async function withIdentifiers(
  chat: ChatRequest,
  { provider, user, task }: Identity,
): Promise<ChatRequest> {
  const pseudonym = await providerHash(provider, user);
  const key = task ?? chat['prompt_cache_key'];
  return {
    ...chat,
    ...(typeof key === 'string' && { prompt_cache_key: await providerHash(provider, user + key) }),
    safety_identifier: pseudonym,
    user: pseudonym,
  };
}

function fitted(chat: ChatRequest, { hosted, family }: Model): ChatRequest {
  const named = hosted ? { ...chat, model: hosted.upstreamId } : chat;
  const required = hosted?.requiredProviders ?? [];
  if (required.length > 0) return { ...named, provider: { only: required } };
  return withPreferredProviders(named, family?.preferredProviders ?? []);
}

function withPreferredProviders(chat: ChatRequest, order: readonly string[]): ChatRequest {
  const wanted = isRecord(chat['provider']) ? chat['provider'] : {};
  return order.length === 0 || 'order' in wanted
    ? chat
    : { ...chat, provider: { ...wanted, order } };
}
