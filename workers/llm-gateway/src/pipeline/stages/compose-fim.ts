import { urlUnder } from '@gateway/worker-utils/url-under';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { Composed, HttpRequest, Routed } from '../../exchange/exchange.ts';
import { APP_HEADERS } from '../../catalog/providers/identifiers.ts';
import { mistral } from '../../catalog/providers/mistral.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import { nameAtMaker } from '../../request/fim-request.ts';

type Needs = {
  readonly baseUrls: { readonly of: (name: typeof mistral.baseUrl) => Promise<string> };
  readonly secrets: { readonly get: (name: typeof mistral.key) => Promise<string> };
};

export function composeFim(exchange: Routed, needs: Needs): Result<Composed, Refusal> {
  const [target] = exchange.plan;
  return ok({
    ...exchange,
    calls: [{ target, compose: () => upstreamRequest(exchange, needs) }],
  });
}

async function upstreamRequest(
  { chat }: Routed,
  { baseUrls, secrets }: Needs,
): Promise<HttpRequest> {
  return {
    kind: 'http',
    url: urlUnder(await baseUrls.of(mistral.baseUrl), '/fim/completions'),
    headers: {
      ...APP_HEADERS,
      Authorization: `Bearer ${await secrets.get(mistral.key)}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ ...chat, model: nameAtMaker(chat.model) }),
    ownKeys: [],
  };
}
