import { ModelId } from '@gateway/worker-utils/ids';
import type { Fit } from '../composition/fit.ts';
import type { ProviderId } from '../providers/registry.ts';
import type { ChatRequest } from '../request/chat-request.ts';

/** Everything the gateway knows about one maker's models. */
export type Family = {
  readonly prefix: string;
  /** The inference providers to prefer, by OpenRouter's names, where the client has no order of its own. */
  readonly preferredProviders: readonly string[];
  readonly hosted: readonly HostedModel[];
  /** What a request needs to be right for these models wherever they are served, in this order. */
  readonly fits: readonly Fit[];
  /** Whether these models go on with an answer that is begun in the request. One that might not is not asked. */
  readonly goesOn: (request: Begun) => boolean;
};
type Begun = { readonly resolved: ModelId; readonly chat: ChatRequest };

/** A model that is served free of charge, on the house's account. */
export type HostedModel = {
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

export const hostedModel = (
  model: Omit<HostedModel, 'id'> & { readonly id: string },
): HostedModel => ({ ...model, id: ModelId.parse(model.id) });
