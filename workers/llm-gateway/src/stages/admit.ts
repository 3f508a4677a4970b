import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Admitted, Funded } from '../exchange.ts';
import { asksForTooManyTokens } from '../policy/token-cap.ts';
import { needsDataCollection, refusesDataCollection } from '../policy/data-collection.ts';
import type { Refusal } from '../refusal.ts';

const granted: unique symbol = Symbol('granted');
/** Proof that policy said yes. Only this file can make one. */
export type Grant = { readonly [granted]: true };

export function admit(exchange: Funded): Result<Admitted, Refusal> {
  const refusal = objectionTo(exchange);
  return refusal ? err(refusal) : ok({ ...exchange, grant: { [granted]: true } });
}

/** The order of the rules is observable: it decides which of two faults a client hears of. */
function objectionTo({ chat, model, caller, payer }: Funded): Refusal | null {
  if (asksForTooManyTokens(chat)) return { kind: 'token-cap-exceeded' };
  if (model.hosted?.state === 'retired') return { kind: 'alpha-ended' };
  if (model.isWithdrawn) return { kind: 'model-withdrawn' };
  if (payer.kind !== 'nobody' && caller.kind === 'user' && payer.balance <= 0 && !model.isFree) {
    return { kind: 'credits-required', user: caller.id, balance: payer.balance };
  }
  if (needsDataCollection(model) && refusesDataCollection(chat)) {
    return { kind: 'data-collection-required' };
  }
  return null;
}
