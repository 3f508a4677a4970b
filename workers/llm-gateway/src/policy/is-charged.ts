import type { ModelResolved, Routed } from '../exchange/exchange.ts';

/** Whether the caller is charged: never for free models, promotions, BYOK keys or custom LLMs. */
export const isCharged = ({ plan: [first], ...exchange }: Routed): boolean =>
  exchange.caller.kind === 'user' &&
  !isAllFree(exchange) &&
  exchange.grant.promotion === null &&
  first.kind === 'platform';

/** Whether the request is free whichever of its models answers. */
export const isAllFree = ({
  model,
  fallbacks,
}: Pick<ModelResolved, 'model' | 'fallbacks'>): boolean =>
  model.isFree && fallbacks.every((fallback) => fallback.model.isFree);
