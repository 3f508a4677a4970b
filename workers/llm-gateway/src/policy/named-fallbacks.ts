import type { OrganizationContext } from '../exchange/caller.ts';
import { isCustomName } from '../exchange/custom-llm.ts';
import type { Fallback } from '../exchange/exchange.ts';
import { isSponsored, type Model } from '../catalog/models/catalogue.ts';
import { allowsModel } from './organization-policy.ts';

type Asked = {
  readonly model: Model;
  /** In the order of the request. */
  readonly fallbacks: readonly Fallback[];
  /** Null: the caller acts for none. */
  readonly organization: OrganizationContext | null;
  /** The caller's key, or an endpoint of the organisation, serves one model. */
  readonly isServedByOwn: boolean;
  /** Nobody can be charged. */
  readonly isUnpaid: boolean;
};

/**
 * The first fallback that may not answer, as a field of the request. Each passes the rules of the model that is asked first,
 * and OpenRouter alone knows fallbacks: a model that is served elsewhere, or that the house pays for, has none and is none.
 */
export function refusedFallbackOf(asked: Asked): string | null {
  const { model, fallbacks, isServedByOwn } = asked;
  const [first] = fallbacks;
  if (!first) return null;
  if (isServedByOwn || isSponsored(model)) return first.field;
  return fallbacks.find((fallback) => !mayAnswer(fallback, asked))?.field ?? null;
}

function mayAnswer({ model }: Fallback, { organization, isUnpaid }: Asked): boolean {
  if (model.sponsored !== null || model.isWithdrawn || isCustomName(model.resolved)) return false;
  if (organization && !allowsModel(organization, model)) return false;
  return model.isFree || !isUnpaid;
}
