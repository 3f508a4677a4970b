import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { ChatRequest } from './chat-request.ts';

/** A model that may answer instead of `model`, and the field that names it: `models[0]`. */
type NamedFallback = { readonly field: string; readonly name: string };

/** OpenRouter accepts three. */
const FALLBACKS_MAX = 10;

/**
 * The fallbacks of `models`, trimmed. The error is the field that is malformed or exceeds the limit.
 * Source: openrouter.ai/docs/guides/routing/model-fallbacks.
 */
export function fallbacksIn({ models }: ChatRequest): Result<readonly NamedFallback[], string> {
  if (models === undefined || models === null) return ok([]);
  if (!Array.isArray(models)) return err('models');
  const found: NamedFallback[] = [];
  for (const [index, name] of models.entries()) {
    const field = `models[${index}]`;
    const isName = typeof name === 'string' && name.trim() !== '';
    if (!isName || index >= FALLBACKS_MAX) return err(field);
    found.push({ field, name: name.trim() });
  }
  return ok(found);
}
