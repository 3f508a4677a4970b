import { ModelId } from '@gateway/worker-utils/ids';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { ModelResolved, Parsed } from '../../exchange/exchange.ts';
import { modelOf } from '../../catalog/models/catalogue.ts';
import type { Refusal } from '../../exchange/refusal.ts';

/** The maker is asked itself: a price at OpenRouter says nothing of what it takes. */
export function classifyFim(exchange: Parsed): Result<ModelResolved, Refusal> {
  const id = ModelId.parse(exchange.chat.model);
  return ok({ ...exchange, model: modelOf(id, id), fallbacks: [] });
}
