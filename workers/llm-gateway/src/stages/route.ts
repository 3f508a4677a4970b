import { ok, type Result } from '@gateway/worker-utils/result';
import type { Admitted, Routed, Target } from '../exchange.ts';
import type { Refusal } from '../refusal.ts';

/** The first that applies: who brings something of their own is never sent to the house's account instead. */
export function route(exchange: Admitted): Result<Routed, Refusal> {
  return ok({ ...exchange, plan: [houseTarget(exchange)] });
}

const houseTarget = ({ model }: Admitted): Target => ({
  kind: 'house',
  provider: model.hosted?.provider ?? 'openrouter',
});
