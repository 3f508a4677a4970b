import { ok, type Result } from '@gateway/worker-utils/result';
import type { Draft, FitContext } from '../composition/fit.ts';
import { withHostedModel } from '../composition/hosted-model.ts';
import { withPreferredProviders } from '../composition/preferred-providers.ts';
import { withPseudonyms } from '../composition/pseudonyms.ts';
import { withToolsRepaired } from '../composition/repaired-tools.ts';
import { repeatsReasoning, withSingleReasoning } from '../composition/single-reasoning.ts';
import type { Call, Composed, Routed, Target, UpstreamRequest } from '../exchange.ts';
import { APP_HEADERS } from '../providers/identifiers.ts';
import type { Provider } from '../providers/provider.ts';
import { type ProviderBaseUrl, type ProviderKey, providers } from '../providers/registry.ts';
import type { Refusal } from '../refusal.ts';
import type { ChatRequest } from '../request/chat-request.ts';

type Needs = {
  readonly baseUrls: { readonly of: (name: ProviderBaseUrl) => Promise<string> };
  readonly secrets: { readonly get: (name: ProviderKey) => Promise<string> };
  readonly randomId: () => string;
};

/** Nothing of the client's goes upstream but the body: no query string, no header. */
export function compose(exchange: Routed, needs: Needs): Result<Composed, Refusal> {
  // Repaired once, for every target; what is told of the request afterwards is told of the repaired one.
  const repaired = { ...exchange, chat: repairedChat(exchange) };
  const callTo = (target: Target): Call => ({
    target,
    compose: () => upstreamRequest(repaired, target, needs),
  });
  const [first, ...rest] = exchange.plan;
  return ok({ ...repaired, calls: [callTo(first), ...rest.map(callTo)] });
}

function repairedChat({ chat, arrival, model, grant }: Routed): ChatRequest {
  const { preferences } = grant;
  const allowed = preferences ? { ...chat, provider: preferences } : chat;
  const repaired = withToolsRepaired(allowed);
  return repeatsReasoning(arrival.hints.userAgent)
    ? withSingleReasoning(repaired, model.resolved)
    : repaired;
}

async function upstreamRequest(
  exchange: Routed,
  target: Target,
  needs: Needs,
): Promise<UpstreamRequest> {
  const provider: Provider & (typeof providers)[Target['provider']] = providers[target.provider];
  const { chat, headers } = await fitted(exchange, provider, needs.randomId);
  return {
    url: `${await needs.baseUrls.of(provider.baseUrl)}/chat/completions`,
    headers: {
      ...APP_HEADERS,
      Authorization: `Bearer ${await needs.secrets.get(provider.key)}`,
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(chat),
  };
}

/** The order matters: a provider's rules see what the model's have done, and take away what is not for that provider. */
async function fitted(
  { chat, model, caller, arrival }: Routed,
  provider: Provider,
  randomId: () => string,
): Promise<Draft> {
  const { task } = arrival.hints;
  const identified = await withPseudonyms(chat, { provider, user: caller.id, task });
  const named = withHostedModel({ chat: identified, headers: {} }, model.hosted);
  let draft = withPreferredProviders(named, model.family?.preferredProviders ?? []);
  const context: FitContext = { resolved: model.resolved, hosted: model.hosted, randomId };
  for (const fit of [...(model.family?.fits ?? []), ...provider.fits]) {
    draft = await fit(draft, context);
  }
  return draft;
}
