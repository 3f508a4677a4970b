import type { Caller } from '../../exchange/caller.ts';
import { isSponsored, type Model } from '../../catalog/models/catalogue.ts';

/**
 * Whether a use counts against what an address may have for nothing: of what the house pays for, everybody's; of what is
 * free at OpenRouter, that of callers without an account.
 */
export const isCounted = (model: Model, caller: Caller['kind']): boolean =>
  isSponsored(model) || (model.isFree && caller === 'anonymous');
