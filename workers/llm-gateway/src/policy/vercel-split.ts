import type { Model } from '../models/catalogue.ts';
import { preferredModels } from '../models/preferred.ts';
import { isRecord } from '../request/chat-request.ts';

/**
 * Whether some of the requests for a model are answered through Vercel's gateway instead of OpenRouter, to know of both how
 * they do. Those of the makers that are asked for most stay where they are.
 * @param provider of the request, or what the organisation puts in its place.
 */
export function isSplit({ resolved, hosted }: Model, provider: unknown): boolean {
  // Vercel has no such switch: whoever has set it would be ignored there.
  if (isRecord(provider) && provider['data_collection'] === 'deny') return false;
  const isHostedElsewhere = hosted?.state === 'offered' && hosted.provider !== 'openrouter';
  if (isHostedElsewhere || resolved.startsWith('openrouter/')) return false;
  const isOpenWeights = resolved.startsWith('openai/gpt-oss');
  if (resolved.startsWith('anthropic/')) return false;
  if (resolved.startsWith('openai/') && !isOpenWeights) return false;
  return preferredModels.includes(resolved);
}
