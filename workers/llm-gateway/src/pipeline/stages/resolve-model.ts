import { ModelId } from '@gateway/worker-utils/ids';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import { without } from '../../catalog/transforms/without.ts';
import type { ModelResolved, Parsed } from '../../exchange/exchange.ts';
import { autoChoiceOf, withAutoChoice } from '../../catalog/models/auto.ts';
import { isFreeAtOpenRouter, type Model, modelOf } from '../../catalog/models/catalogue.ts';
import { isWorthKnowing, type ListedPrices } from '../../catalog/models/listed-prices.ts';
import type { Suspensions } from '../../catalog/models/suspensions.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import type { ChatRequest } from '../../request/chat-request.ts';
import { fallbacksIn } from '../../request/fallbacks.ts';

type Needs = { readonly listedPrices: ListedPrices; readonly suspensions: Suspensions };

/** An auto model is resolved first: all that follows decides on the models that are really asked. */
export async function resolveModel(
  exchange: Parsed,
  { listedPrices, suspensions }: Needs,
): Promise<Result<ModelResolved, Refusal>> {
  const { chat, arrival } = exchange;
  const named = fallbacksIn(chat);
  if (!named.ok) return err({ kind: 'field-refused', field: named.error, why: 'fallback' });
  const modelNamed = (name: string): Model => {
    const requested = ModelId.parse(name);
    const choice = autoChoiceOf(requested, arrival.hints.mode);
    return modelOf(requested, choice ? ModelId.parse(choice.model) : requested);
  };
  const model = modelNamed(chat.model);
  const fallbacks = named.value
    .map(({ field, name }) => ({ field, name, model: modelNamed(name) }))
    .filter(({ model: { resolved } }) => resolved !== model.resolved);
  const isToBeKnown = ({ isFree, resolved }: Model) =>
    !isFree && isWorthKnowing(resolved, arrival.bearer);
  if ([model, ...fallbacks.map((one) => one.model)].some(isToBeKnown)) await listedPrices.known();
  const priced = (one: Model) => withListedPrice(one, listedPrices);
  const isListed = [model, ...fallbacks.map((one) => one.model)]
    .map(priced)
    .some(isFreeAtOpenRouter);
  // Only what the catalogue alone says is free can be suspended: other requests ask nobody.
  if (isListed) await suspensions.known();
  const known = (one: Model): Model => ({
    ...priced(one),
    isSuspended: suspensions.isSuspended(one.resolved),
  });
  const choice = autoChoiceOf(model.requested, arrival.hints.mode);
  return ok({
    ...exchange,
    chat: withFallbacks(
      choice ? withAutoChoice(chat, choice) : chat,
      fallbacks.map((one) =>
        one.model.requested === one.model.resolved ? one.name : one.model.resolved,
      ),
    ),
    model: known(model),
    fallbacks: fallbacks.map((one) => ({ field: one.field, model: known(one.model) })),
  });
}

/** A model is free if it is on our own list, or the catalogue prices it at nothing. */
const withListedPrice = (model: Model, { isFree }: ListedPrices): Model => ({
  ...model,
  isFree: model.isFree || isFree(model.resolved),
});

const withFallbacks = (chat: ChatRequest, names: readonly string[]): ChatRequest => {
  if (names.length > 0) return { ...chat, models: names };
  return chat['models'] === undefined ? chat : without(chat, ['models']);
};
