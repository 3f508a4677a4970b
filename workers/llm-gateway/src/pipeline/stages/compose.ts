import { urlUnder } from '@gateway/worker-utils/url-under';
import { type Intake, turnsFor } from '@gateway/worker-utils/read-within';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { Draft, TransformContext } from '../../catalog/transforms/transform.ts';
import { withPrefill } from '../../catalog/transforms/prefill.ts';
import { withSponsoredModel } from '../../catalog/transforms/sponsored-model.ts';
import { withParser } from '../../catalog/transforms/file-parser.ts';
import { withPreferredProviders } from '../../catalog/transforms/preferred-providers.ts';
import { withPseudonyms } from '../../catalog/transforms/pseudonyms.ts';
import { withToolsRepaired } from '../../catalog/transforms/repaired-tools.ts';
import {
  repeatsReasoning,
  withSingleReasoning,
} from '../../catalog/transforms/single-reasoning.ts';
import {
  type Needs as CustomNeeds,
  customCallOf,
} from '../../upstream/custom-llm/custom-call-of.ts';
import type { Call, Composed, HttpRequest, Routed, Target } from '../../exchange/exchange.ts';
import { APP_HEADERS } from '../../catalog/providers/identifiers.ts';
import { type Credentials, secretsIn } from '../../exchange/byok-credentials.ts';
import type { KeyChain } from '../../upstream/byok/key-chain.ts';
import type { Provider } from '../../catalog/providers/provider.ts';
import {
  type ProviderBaseUrl,
  type ProviderId,
  type ProviderKey,
  providers,
} from '../../catalog/providers/registry.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import type { ChatRequest } from '../../request/chat-request.ts';
import { withListedFields } from '../../request/listed-fields.ts';

type Needs = PlatformDeps & CustomNeeds;
type PlatformDeps = {
  readonly baseUrls: { readonly of: (name: ProviderBaseUrl) => Promise<string> };
  readonly secrets: { readonly get: (name: ProviderKey) => Promise<string> };
  readonly randomId: () => string;
  readonly pause: Intake['pause'];
  readonly keyChain: KeyChain;
};

type HttpTarget = Exclude<Target, { kind: 'custom-llm' }>;

/** Nothing of the client's goes upstream but the body: no query string, no header. */
export function compose(exchange: Routed, needs: Needs): Result<Composed, Refusal> {
  // Repaired once, for every target; what is told of the request afterwards is told of the repaired one.
  const repaired = { ...exchange, chat: repairedChat(exchange) };
  const callTo = (target: Target): Result<Call, Refusal> =>
    target.kind === 'custom-llm'
      ? customCallOf(repaired, target, needs)
      : ok({
          target,
          compose: (begun) =>
            upstreamRequest(
              { ...repaired, chat: withPrefill(repaired.chat, begun) },
              target,
              needs,
            ),
        });
  const [first, ...rest] = exchange.plan;
  const firstCall = callTo(first);
  if (!firstCall.ok) return firstCall;
  const others = rest.map(callTo).flatMap((call) => (call.ok ? [call.value] : []));
  return ok({ ...repaired, calls: [firstCall.value, ...others] });
}

function repairedChat({ chat, arrival, model, grant }: Routed): ChatRequest {
  const { preferences } = grant;
  const kept = grant.listed ? withParser(withListedFields(chat), grant.listed.parser) : chat;
  const allowed = preferences ? { ...kept, provider: preferences } : kept;
  const repaired = withToolsRepaired(allowed);
  return repeatsReasoning(arrival.hints.userAgent)
    ? withSingleReasoning(repaired, model.resolved)
    : repaired;
}

async function upstreamRequest(
  exchange: Routed,
  target: HttpTarget,
  needs: PlatformDeps,
): Promise<HttpRequest> {
  const provider: Provider & (typeof providers)[ProviderId] = providers[target.provider];
  const byokCredentials = await credentialsOf(target, needs.keyChain);
  const { randomId } = needs;
  const nextTurn = turnsFor(exchange.arrival.bodyBytes, needs);
  await nextTurn();
  const { chat, headers } = await fitted(exchange, provider, {
    byokCredentials,
    randomId,
    nextTurn,
  });
  await nextTurn();
  const body = JSON.stringify(chat);
  // The platform encodes it in the turn in which it is sent.
  await nextTurn();
  return {
    kind: 'http',
    url: urlUnder(await needs.baseUrls.of(provider.baseUrl), '/chat/completions'),
    headers: {
      ...APP_HEADERS,
      Authorization: `Bearer ${await needs.secrets.get(provider.key)}`,
      'Content-Type': 'application/json',
      ...headers,
    },
    body,
    ownKeys: (byokCredentials ?? []).flatMap(secretsIn),
  };
}

/** Opened again for the call: between choosing the route and here, a hold may have been waited for. */
async function credentialsOf(
  target: Target,
  keyChain: KeyChain,
): Promise<readonly Credentials[] | null> {
  if (target.kind !== 'byok') return null;
  const opened = await Promise.all(target.keys.map((key) => keyChain.open(key)));
  const credentials = opened.filter((one) => one !== null);
  // Without any, Vercel would take the house's account.
  if (credentials.length === 0)
    throw new Error('Own keys that were just opened can not be opened.');
  return credentials;
}

/** The order matters: a provider's rules see what the model's have done, and take away what is not for that provider. */
async function fitted(
  { chat, model, caller, arrival }: Routed,
  provider: Provider,
  own: Pick<TransformContext, 'byokCredentials' | 'randomId' | 'nextTurn'>,
): Promise<Draft> {
  const { task } = arrival.hints;
  const identified = await withPseudonyms(chat, { provider, user: caller.id, task });
  const named = withSponsoredModel({ chat: identified, headers: {} }, model.sponsored);
  let draft = withPreferredProviders(named, model.family?.preferredProviders ?? []);
  const context: TransformContext = {
    resolved: model.resolved,
    sponsored: model.sponsored,
    ...own,
  };
  for (const fit of [...(model.family?.transforms ?? []), ...provider.transforms]) {
    draft = await fit(draft, context);
  }
  return draft;
}
