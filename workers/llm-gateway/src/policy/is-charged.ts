import type { Routed } from '../exchange.ts';

/** Whether anybody is charged: not for what is free, nor for what somebody else pays. */
export const isCharged = ({ caller, grant, model, plan: [first] }: Routed): boolean =>
  caller.kind === 'user' && !model.isFree && grant.promotion === null && first.kind === 'house';
