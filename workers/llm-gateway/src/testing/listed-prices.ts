import { ModelId } from '@gateway/worker-utils/ids';
import type { ListedPrices } from '../catalog/models/listed-prices.ts';
import type { Suspensions } from '../catalog/models/suspensions.ts';

/** A catalogue that prices these models at nothing, and all others at something. */
export const freeInCatalogue = (...ids: readonly string[]): ListedPrices => {
  const free = new Set(ids.map((id) => ModelId.parse(id)));
  return { isFree: (id) => free.has(id), known: () => Promise.resolve() };
};

/** No provider has charged for a free model. */
export const noSuspensions: Suspensions = {
  isSuspended: () => false,
  known: () => Promise.resolve(),
};
