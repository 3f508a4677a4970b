import type { Edge } from '../pipeline/stages/receive.ts';
import type { Asked } from './idempotent-answer.ts';

/** A chat completion with an idempotency key, as the worker received it. */
export type KeyedRequest = Asked & {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly edge: Edge;
  readonly requestId: string;
  readonly traceparent: string | null;
};
