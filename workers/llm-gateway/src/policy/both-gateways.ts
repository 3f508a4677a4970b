import { vercelModelOf } from '../catalog/transforms/vercel-model.ts';
import { isFreeAtOpenRouter, type Model } from '../catalog/models/catalogue.ts';
import { type ChatRequest, isRecord } from '../request/chat-request.ts';
import { isUnaskedParser, paidExtrasOf } from '../request/paid-extras.ts';
import { namesIn } from '../request/provider-names.ts';

/** Whether OpenRouter and Vercel's gateway are likely to have a model both, on the house's account. */
export function isOnBothGateways(model: Model): boolean {
  const { resolved, sponsored } = model;
  if (resolved.startsWith('openrouter/')) return false;
  // Vercel would take its price, and nobody would be charged.
  if (isFreeAtOpenRouter(model)) return false;
  // Who alone may serve a model is somebody that Vercel does not know.
  if (sponsored?.state === 'offered' && sponsored.requiredProviders.length > 0) return false;
  if (sponsored?.state === 'offered' && sponsored.provider !== 'openrouter') return false;
  // A variant, such as `:nitro`, is a word of OpenRouter's.
  return !vercelModelOf(model).includes(':');
}

/**
 * Whether Vercel may answer a request, first or for an OpenRouter that does not: never where that would lose something that
 * only OpenRouter does.
 * @param provider of the request, within the rules of its organisation.
 */
export function mayVercelAnswer(
  { model, chat }: { readonly model: Model; readonly chat: ChatRequest },
  provider: unknown,
): boolean {
  if (!isOnBothGateways(model)) return false;
  if (isRecord(provider) && !Object.entries(provider).every(doesVercelKeep)) return false;
  if (paidExtrasOf(chat).some((extra) => !isUnaskedParser(extra))) return false;
  return !isSet(chat['plugins']) && !isSet(chat['models']);
}

/** Of a field of `provider`. One that OpenRouter may have tomorrow is not kept either. */
function doesVercelKeep([name, value]: readonly [string, unknown]): boolean {
  if (value === undefined || value === null) return true;
  switch (name) {
    case 'only':
      // Vercel knows no part of a provider, such as a region.
      return Array.isArray(value) && namesIn(value).every((provider) => !provider.includes('/'));
    case 'order':
    case 'zdr':
      return true;
    case 'allow_fallbacks':
      return value === true;
    case 'data_collection':
      return value === 'allow';
    default:
      return !isSet(value);
  }
}

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value);
