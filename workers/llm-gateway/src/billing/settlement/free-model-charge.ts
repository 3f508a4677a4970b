import type { ExchangeId, ModelId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Attempted } from '../../exchange/exchange.ts';
import { isFreeAtOpenRouter } from '../../catalog/models/catalogue.ts';
import { servedModelOf } from './served-model.ts';
import type { Settlement } from './settlement.ts';

/** A provider took money for an answer that nobody is charged for, of a model that its catalogue prices at nothing. */
export type FreeModelCharge = {
  readonly model: ModelId;
  readonly exchange: ExchangeId;
  readonly payer: string;
  readonly cost: MicroUsd;
};

/** Null: there was none. What a promotion pays, or the house for a model on its own list, is no surprise. */
export function freeModelChargeOf(
  exchange: Attempted,
  { id, payer, isCharged, marketCost, model: answered }: Settlement,
): FreeModelCharge | null {
  const { outcome, grant } = exchange;
  const model = servedModelOf(exchange, answered);
  const isExpected = isCharged || outcome.target.kind !== 'platform' || grant.promotion !== null;
  if (isExpected || marketCost <= 0 || !isFreeAtOpenRouter(model)) return null;
  return { model: model.resolved, exchange: id, payer, cost: marketCost };
}
