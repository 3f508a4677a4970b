import type { Model } from '../catalog/models/catalogue.ts';
import { preferredModels } from '../catalog/models/preferred.ts';

/**
 * Whether some of the requests for a model are answered through Vercel's gateway instead of OpenRouter, to know of both how
 * they do. Those of the makers that are asked for most stay where they are.
 */
export function isSplit({ resolved }: Model): boolean {
  const isOpenWeights = resolved.startsWith('openai/gpt-oss');
  if (resolved.startsWith('anthropic/')) return false;
  if (resolved.startsWith('openai/') && !isOpenWeights) return false;
  return preferredModels.includes(resolved);
}
