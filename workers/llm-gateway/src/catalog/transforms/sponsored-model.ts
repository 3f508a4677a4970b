import type { SponsoredModel } from '../models/model.ts';
import type { Draft } from './transform.ts';

/** The name by which a model of ours is known upstream, and who alone may serve it. */
export function withSponsoredModel({ chat, headers }: Draft, hosted: SponsoredModel | null): Draft {
  if (!hosted) return { chat, headers };
  const { upstreamId, requiredProviders } = hosted;
  const required = requiredProviders.length > 0 && { provider: { only: requiredProviders } };
  return { headers, chat: { ...chat, model: upstreamId, ...required } };
}
