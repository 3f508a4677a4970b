import type { NextTurn } from '@gateway/worker-utils/body-limits';
import type { ModelId } from '@gateway/worker-utils/ids';
import type { Credentials } from '../../exchange/byok-credentials.ts';
import type { ChatRequest } from '../../request/chat-request.ts';

/** A small step that adapts a request to a model or a provider. It changes a copy, never its argument. */
export type Transform = (draft: Draft, context: TransformContext) => Draft | Promise<Draft>;

/** An upstream request under construction. */
export type Draft = {
  readonly chat: ChatRequest;
  /** In addition to the headers that every upstream gets. */
  readonly headers: Readonly<Record<string, string>>;
};

export type TransformContext = {
  readonly resolved: ModelId;
  readonly sponsored: {
    readonly provider: string;
    readonly upstreamId: string;
    readonly state: 'offered' | 'retired';
  } | null;
  /** The credentials of a BYOK call. */
  readonly byokCredentials: readonly Credentials[] | null;
  /** Chance is an argument. */
  readonly randomId: () => string;
  /** Yields the thread to other requests. */
  readonly nextTurn: NextTurn;
};
