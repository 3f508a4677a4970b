import type { SponsoredModel } from '../models/model.ts';
import type { Draft } from './transform.ts';

/** Sets the upstream id of a sponsored model, and the providers that it is restricted to. */
export function withSponsoredModel(
  { chat, headers }: Draft,
  sponsored: SponsoredModel | null,
): Draft {
  if (!sponsored) return { chat, headers };
  const { upstreamId, requiredProviders } = sponsored;
  const required = requiredProviders.length > 0 && { provider: { only: requiredProviders } };
  return { headers, chat: { ...chat, model: upstreamId, ...required } };
}
