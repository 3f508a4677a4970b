import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Classified, Throttled } from '../exchange.ts';
import { isLimited } from '../models/catalogue.ts';
import type { Refusal } from '../refusal.ts';
import type { ClientAddress } from '../request/client-address.ts';

const looked: unique symbol = Symbol('looked');
/** Proof that the limiter was asked where it must be. Nothing has been counted. Only this file can make one. */
export type Standing = {
  readonly [looked]: true;
  readonly address: ClientAddress;
  /** Whether callers without an account have used up their share at this address. */
  readonly isPromotionOver: boolean;
};

export type FreeUse = {
  readonly isFull: boolean;
  readonly retryAfterSeconds: number;
  readonly isPromotionOver: boolean;
};
/** What an address has used of the free models. */
export type FreeUseLook = { readonly look: (address: ClientAddress) => Promise<FreeUse> };

/** Comes before identify, so that a flood of free requests does not reach the database. */
export async function throttle(
  exchange: Classified,
  needs: { readonly freeUse: FreeUseLook },
): Promise<Result<Throttled, Refusal>> {
  const { address } = exchange.arrival;
  if (address === null) return err({ kind: 'address-unknown' });

  const standing = { [looked]: true, address, isPromotionOver: false } as const;
  if (!exchange.model.isFree) return ok({ ...exchange, standing });

  const used = await needs.freeUse.look(address);
  if (used.isFull && isLimited(exchange.model)) {
    return err({ kind: 'free-limit-reached', retryAfterSeconds: used.retryAfterSeconds });
  }
  return ok({ ...exchange, standing: { ...standing, isPromotionOver: used.isPromotionOver } });
}
