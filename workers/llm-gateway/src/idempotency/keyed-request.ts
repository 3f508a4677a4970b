import type { Edge } from '../pipeline/stages/receive.ts';
import type { Asked } from './idempotent-answer.ts';

/** A chat completion that names a key, as its worker has received it. */
export type KeyedRequest = Asked & {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly edge: Edge;
  readonly requestId: string;
  readonly traceparent: string | null;
};
