import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { ModelResolved, Throttled } from '../../exchange/exchange.ts';
import { isCounted } from '../../policy/free-use/is-counted.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import type { ClientAddress } from '../../request/client-address.ts';

const looked: unique symbol = Symbol('looked');
/** Proof that the limiter was asked where it must be. Nothing has been counted. Only this file can make one. */
export type FreeTierCheck = {
  readonly [looked]: true;
  readonly address: ClientAddress;
  /** What the address has used of the free models. Null: the model is not free. */
  readonly used: FreeUse | null;
};

export type FreeUse = {
  /** No use that counts is left. */
  readonly isFull: boolean;
  readonly retryAfterSeconds: number;
  /** Callers without an account have used up their share. */
  readonly isPromotionOver: boolean;
};
/** What an address has used of the free models. */
export type FreeUseLook = { readonly look: (address: ClientAddress) => Promise<FreeUse> };

/** Comes before identify, so that a flood of free requests does not reach the database. */
export async function throttle(
  exchange: ModelResolved,
  needs: { readonly freeUse: FreeUseLook },
): Promise<Result<Throttled, Refusal>> {
  const { address } = exchange.arrival;
  if (address === null) return err({ kind: 'address-unknown' });

  const { model } = exchange;
  const used = model.isFree ? await needs.freeUse.look(address) : null;
  // Of what only callers without an account are limited in, `identify` refuses: not known yet is who asks.
  if (used?.isFull && isCounted(model, 'user')) {
    return err({ kind: 'free-limit-reached', retryAfterSeconds: used.retryAfterSeconds });
  }
  return ok({ ...exchange, freeTier: { [looked]: true, address, used } });
}
