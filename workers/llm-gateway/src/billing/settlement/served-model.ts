import type { ModelResolved } from '../../exchange/exchange.ts';
import type { Model } from '../../catalog/models/catalogue.ts';

/** Which of the models that the request names has answered, by what the provider calls it: often with a date behind. */
export function servedModelOf(
  { model, fallbacks }: Pick<ModelResolved, 'model' | 'fallbacks'>,
  answered: string | null,
): Model {
  const name = answered?.toLowerCase() ?? '';
  const named = [model, ...fallbacks.map((fallback) => fallback.model)];
  return (
    named.find(({ resolved }) => resolved === name) ??
    named.find(({ base }) => base !== '' && name.startsWith(base)) ??
    model
  );
}
