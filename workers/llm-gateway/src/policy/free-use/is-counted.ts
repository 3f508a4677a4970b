import type { Caller } from '../../exchange/caller.ts';
import { isSponsored, type Model } from '../../catalog/models/catalogue.ts';

/**
 * Whether a use counts against the free limit of an address: every use of a sponsored model, and anonymous use of models that
 * are free at OpenRouter.
 */
export const isCounted = (model: Model, caller: Caller['kind']): boolean =>
  isSponsored(model) || (model.isFree && caller === 'anonymous');
