import { ModelId } from '@gateway/worker-utils/ids';
import type { Transform } from '../transforms/transform.ts';
import type { ProviderId } from '../providers/registry.ts';
import type { ChatRequest } from '../../request/chat-request.ts';

/** Everything the gateway knows about one maker's models. */
export type Family = {
  readonly prefix: string;
  /** The inference providers to prefer, by OpenRouter's names, where the client has no order of its own. */
  readonly preferredProviders: readonly string[];
  readonly sponsored: readonly SponsoredModel[];
  /** What a request needs to be right for these models wherever they are served, in this order. */
  readonly transforms: readonly Transform[];
  /** Whether these models can continue a prefix in the request. If in doubt, false. */
  readonly canResume: (request: Begun) => boolean;
};
type Begun = { readonly resolved: ModelId; readonly chat: ChatRequest };

/** A model that is free for callers: the platform account pays. */
export type SponsoredModel = {
  readonly id: ModelId;
  readonly name: string;
  readonly provider: ProviderId;
  readonly upstreamId: string;
  /** The inference providers that alone may serve it; any, when empty. */
  readonly requiredProviders: readonly string[];
  readonly contextTokens: number;
  readonly outputTokensMax: number;
  readonly flags: readonly ('reasoning' | 'prompt_cache' | 'vision')[];
  readonly state: 'offered' | 'retired';
};

export const sponsoredModel = (
  model: Omit<SponsoredModel, 'id'> & { readonly id: string },
): SponsoredModel => ({ ...model, id: ModelId.parse(model.id) });
