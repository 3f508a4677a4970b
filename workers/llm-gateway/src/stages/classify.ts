import { ModelId } from '@gateway/worker-utils/ids';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { Classified, Parsed } from '../exchange.ts';
import { autoChoiceOf, withAutoChoice } from '../models/auto.ts';
import { modelOf } from '../models/catalogue.ts';
import type { Refusal } from '../refusal.ts';

/** An auto model is resolved first: all that follows decides on the model that is really asked. */
export function classify(exchange: Parsed): Result<Classified, Refusal> {
  const { chat, arrival } = exchange;
  const requested = ModelId.parse(chat.model);
  const choice = autoChoiceOf(requested, arrival.hints.mode);
  if (!choice) return ok({ ...exchange, model: modelOf(requested, requested) });
  return ok({
    ...exchange,
    chat: withAutoChoice(chat, choice),
    model: modelOf(requested, ModelId.parse(choice.model)),
  });
}
