import type { ModelResolved, Routed } from '../exchange/exchange.ts';

/** Whether anybody is charged: not for what is free, nor for what somebody else pays. */
export const isCharged = ({ plan: [first], ...exchange }: Routed): boolean =>
  exchange.caller.kind === 'user' &&
  !isAllFree(exchange) &&
  exchange.grant.promotion === null &&
  first.kind === 'platform';

/** Whichever of its models answers. */
export const isAllFree = ({
  model,
  fallbacks,
}: Pick<ModelResolved, 'model' | 'fallbacks'>): boolean =>
  model.isFree && fallbacks.every((fallback) => fallback.model.isFree);
