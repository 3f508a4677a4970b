import type { ModelId } from '@gateway/worker-utils/ids';

/** What OpenRouter's catalogue says of prices. */
export type ListedPrices = {
  /** Whether it prices exactly this id at nothing. False where it has never been read: then a model has its price. */
  readonly isFree: (id: ModelId) => boolean;
  /** Resolves when the catalogue has been read once, or can't be read now; at once from then on. Never rejects. */
  readonly known: () => Promise<void>;
};

/**
 * Whether a request waits to know if its model is free, where nothing is known yet. One without a token does, because it is
 * served nothing else, and so do names that free models have: a name decides nothing by itself. A paid request goes on.
 */
export const isWorthKnowing = (id: ModelId, bearer: string | null): boolean =>
  bearer === null || id.endsWith(':free') || id.startsWith('openrouter/');
