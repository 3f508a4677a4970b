import type { Model } from '../models/catalogue.ts';
import { preferredModels } from '../models/preferred.ts';
import { forbidsVercel, isOnBothGateways } from './both-gateways.ts';

/**
 * Whether some of the requests for a model are answered through Vercel's gateway instead of OpenRouter, to know of both how
 * they do. Those of the makers that are asked for most stay where they are.
 * @param provider of the request, or what the organisation puts in its place.
 */
export function isSplit(model: Model, provider: unknown): boolean {
  if (forbidsVercel(provider) || !isOnBothGateways(model)) return false;
  const { resolved } = model;
  const isOpenWeights = resolved.startsWith('openai/gpt-oss');
  if (resolved.startsWith('anthropic/')) return false;
  if (resolved.startsWith('openai/') && !isOpenWeights) return false;
  return preferredModels.includes(resolved);
}
