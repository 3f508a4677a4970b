import type { OrganizationContext } from '../exchange/caller.ts';
import { isCustomName } from '../exchange/custom-llm.ts';
import type { Fallback } from '../exchange/exchange.ts';
import { isSponsored, type Model } from '../catalog/models/catalogue.ts';
import { allowsModel } from './organization-policy.ts';

type Asked = {
  readonly model: Model;
  /** In the order of the request. */
  readonly fallbacks: readonly Fallback[];
  /** Null: the caller acts for no organisation. */
  readonly organization: OrganizationContext | null;
  /** A BYOK key or a custom endpoint of the organisation serves the request: each serves one model. */
  readonly isServedByOwn: boolean;
  /** Nobody can be charged. */
  readonly isUnpaid: boolean;
};

/**
 * The field of the first fallback that may not answer. Each fallback must pass the rules of the first model. Only OpenRouter
 * supports fallbacks: models served elsewhere and sponsored models neither have nor are fallbacks.
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
