import type { ModelId } from '@gateway/worker-utils/ids';

/** Which models are refused to callers who don't pay, because their providers charged for them. */
export type Suspensions = {
  /** As it is known: see `known`. */
  readonly isSuspended: (id: ModelId) => boolean;
  /** Resolves when suspensions were read once, or can't be read now; at once from then on. Never rejects. */
  readonly known: () => Promise<void>;
};
