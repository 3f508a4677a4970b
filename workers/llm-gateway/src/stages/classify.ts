import { ModelId } from '@gateway/worker-utils/ids';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { Classified, Parsed } from '../exchange.ts';
import { autoChoiceOf, withAutoChoice } from '../models/auto.ts';
import { type Model, modelOf } from '../models/catalogue.ts';
import { isWorthKnowing, type ListedPrices } from '../models/listed-prices.ts';
import type { Refusal } from '../refusal.ts';

type Needs = { readonly listedPrices: ListedPrices };

/** An auto model is resolved first: all that follows decides on the model that is really asked. */
export async function classify(
  exchange: Parsed,
  { listedPrices }: Needs,
): Promise<Result<Classified, Refusal>> {
  const { chat, arrival } = exchange;
  const requested = ModelId.parse(chat.model);
  const choice = autoChoiceOf(requested, arrival.hints.mode);
  const model = modelOf(requested, choice ? ModelId.parse(choice.model) : requested);
  if (!model.isFree && isWorthKnowing(model.resolved, arrival.bearer)) await listedPrices.known();
  return ok({
    ...exchange,
    ...(choice && { chat: withAutoChoice(chat, choice) }),
    model: withListedPrice(model, listedPrices),
  });
}

/** A model is free if it is on our own list, or the catalogue prices it at nothing. */
const withListedPrice = (model: Model, { isFree }: ListedPrices): Model => ({
  ...model,
  isFree: model.isFree || isFree(model.resolved),
});
