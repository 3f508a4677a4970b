import { ModelId } from '@gateway/worker-utils/ids';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { Classified, Parsed } from '../exchange.ts';
import { modelOf } from '../models/catalogue.ts';
import type { Refusal } from '../refusal.ts';

export function classify(exchange: Parsed): Result<Classified, Refusal> {
  const requested = ModelId.parse(exchange.chat.model);
  return ok({ ...exchange, model: modelOf(requested, requested) });
}
