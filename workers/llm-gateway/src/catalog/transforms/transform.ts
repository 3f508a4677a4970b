import type { NextTurn } from '@gateway/worker-utils/body-limits';
import type { ModelId } from '@gateway/worker-utils/ids';
import type { Credentials } from '../../exchange/byok-credentials.ts';
import type { ChatRequest } from '../../request/chat-request.ts';

/** A small step that makes a request right for a model or for a provider. It changes a copy, never its argument. */
export type Transform = (draft: Draft, context: TransformContext) => Draft | Promise<Draft>;

/** A request on its way to become the upstream's. */
export type Draft = {
  readonly chat: ChatRequest;
  /** Beside those that every upstream gets. */
  readonly headers: Readonly<Record<string, string>>;
};

export type TransformContext = {
  readonly resolved: ModelId;
  readonly sponsored: {
    readonly provider: string;
    readonly upstreamId: string;
    readonly state: 'offered' | 'retired';
  } | null;
  /** What the caller's own keys open, where the call is made with those. */
  readonly byokCredentials: readonly Credentials[] | null;
  /** Chance is an argument. */
  readonly randomId: () => string;
  /** Lets others have the thread. */
  readonly nextTurn: NextTurn;
};
