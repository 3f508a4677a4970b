import { vercelModelOf } from '../composition/vercel-model.ts';
import { isFreeAtOpenRouter, type Model } from '../models/catalogue.ts';
import { type ChatRequest, isRecord } from '../request/chat-request.ts';

/** Whether OpenRouter and Vercel's gateway are likely to have a model both, on the house's account. */
export function isOnBothGateways(model: Model): boolean {
  const { resolved, hosted } = model;
  if (resolved.startsWith('openrouter/')) return false;
  // Vercel would take its price, and nobody would be charged.
  if (isFreeAtOpenRouter(model)) return false;
  // Who alone may serve a model is somebody that Vercel does not know.
  if (hosted?.state === 'offered' && hosted.requiredProviders.length > 0) return false;
  if (hosted?.state === 'offered' && hosted.provider !== 'openrouter') return false;
  // A variant, such as `:nitro`, is a word of OpenRouter's.
  return !vercelModelOf(model).includes(':');
}

/** Vercel has no such switch: whoever has set it would be ignored there. */
export const forbidsVercel = (provider: unknown): boolean =>
  isRecord(provider) && provider['data_collection'] === 'deny';

/** Restrictions of a request that only OpenRouter keeps. */
const RESTRICTIONS = ['ignore', 'max_price', 'quantizations', 'require_parameters'] as const;

/**
 * Whether Vercel may answer for an OpenRouter that does not.
 * @param provider of the request, or what the organisation puts in its place.
 */
export function mayVercelStepIn(
  { model, chat }: { readonly model: Model; readonly chat: ChatRequest },
  provider: unknown,
): boolean {
  if (!isOnBothGateways(model) || forbidsVercel(provider)) return false;
  if (isRecord(provider)) {
    if (RESTRICTIONS.some((name) => isSet(provider[name]))) return false;
    if (provider['allow_fallbacks'] === false) return false;
  }
  return !isSet(chat['plugins']) && !isSet(chat['models']);
}

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value);
