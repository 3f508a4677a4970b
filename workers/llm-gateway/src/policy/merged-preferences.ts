import { isRecord } from '../request/chat-request.ts';
import type { ProviderPreferences } from './organization-policy.ts';
import { namesIn, namesWithin } from '../request/provider-names.ts';

type Fields = Readonly<Record<string, unknown>>;
export type MergedPreferences = Fields & ProviderPreferences;

/**
 * The request's `provider` within the rules of its organisation: of each field, the stricter of both. Fields that no rule
 * names are the caller's own. A value of the wrong type never loosens a rule.
 * @param asked the `provider` of the request, as the client sent it.
 * @returns an empty `only` where nothing is allowed by both: it must be refused, OpenRouter would read it as no restriction.
 */
export function mergedPreferences(rules: ProviderPreferences, asked: unknown): MergedPreferences {
  const own = isRecord(asked) ? asked : {};
  const { only, data_collection } = rules;
  const named = only ? withProvidersWithin(own, only) : own;
  if (data_collection === undefined) return named;
  const mayCollect = (own['data_collection'] ?? 'allow') === 'allow';
  return { ...named, data_collection: mayCollect ? data_collection : 'deny' };
}

export const allowsNothing = (preferences: ProviderPreferences | null): boolean =>
  preferences?.only?.length === 0;

function withProvidersWithin(own: Fields, allowed: readonly string[]): MergedPreferences {
  const { order: askedOrder, ...rest } = own;
  const askedOnly = namesIn(own['only']);
  const only = askedOnly.length === 0 ? allowed : namesWithin(allowed, askedOnly);
  const wanted = namesIn(askedOrder);
  const order = namesWithin(only, wanted);
  // Without fallbacks, an order is all that may be asked.
  const isOrderAll = own['allow_fallbacks'] === false && wanted.length > 0;
  const possible = isOrderAll ? order : only;
  const ignored = namesIn(own['ignore']);
  const isNothingLeft = possible.every((name) => namesWithin(ignored, [name]).includes(name));
  return {
    ...rest,
    only: isNothingLeft ? [] : only,
    ...(order.length > 0 && { order }),
  };
}
