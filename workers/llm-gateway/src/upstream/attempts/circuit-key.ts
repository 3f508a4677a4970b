import type { Target } from '../../exchange/exchange.ts';

/** A model at one who may be asked for it. What an isolate learns of that is kept under its name. */
export type CircuitKey = { readonly target: Target; readonly model: string };

/** An own key or an endpoint of somebody's own says nothing of the house's, and nothing to others. */
export const circuitName = ({ target, model }: CircuitKey): string =>
  `${target.kind} ${target.provider} ${model}`;

/** Clients name models: without a limit they could name more than fits. */
export const CIRCUITS_MAX = 1000;
