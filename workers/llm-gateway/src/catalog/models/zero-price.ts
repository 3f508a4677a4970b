import { isRecord } from '../../request/chat-request.ts';

/**
 * Whether an entry of OpenRouter's catalogue prices a model at nothing at all: prompt, completion and every other price that
 * it names. `-1` stands for a price that depends on the model that is chosen. What can't be read is not nothing.
 * Source: openrouter.ai/docs/api/reference, `PublicPricing`.
 */
export function isZeroPriced(pricing: unknown): boolean {
  if (!isRecord(pricing)) return false;
  const { prompt, completion, discount: _share, overrides, ...others } = pricing;
  if (!isZero(prompt) || !isZero(completion)) return false;
  // Prices that hold at some times, or from some length on: not worth telling which.
  if (Array.isArray(overrides) ? overrides.length > 0 : isGiven(overrides)) return false;
  return Object.values(others).every((price) => !isGiven(price) || isZero(price));
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const isZero = (price: unknown): boolean =>
  price === 0 || (typeof price === 'string' && /^-?0+(?:\.0*)?(?:e[+-]?\d+)?$/i.test(price.trim()));
