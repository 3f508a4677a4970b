import type { UserId } from '@gateway/worker-utils/ids';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Composed, Reserved } from '../exchange.ts';
import { isLimited } from '../models/catalogue.ts';
import type { Refusal } from '../refusal.ts';
import type { ClientAddress } from '../request/client-address.ts';

const reserved: unique symbol = Symbol('reserved');
/** Proof that the exchange may begin: its turn at a free model is taken. Only this file can make one. */
export type Reservation = { readonly [reserved]: true };

export type Turn = { readonly isTaken: true } | Turned;
type Turned = { readonly isTaken: false; readonly retryAfterSeconds: number };
/** Counts one use of a free model, if the address has any left. One atomic step. */
export type FreeUseTake = {
  readonly take: (
    address: ClientAddress,
    use: { readonly model: string; readonly user: UserId | null },
  ) => Promise<Turn>;
};

/** The last place that may refuse: from here on, every path ends in one settlement. */
export async function reserve(
  exchange: Composed,
  needs: { readonly freeUse: FreeUseTake },
): Promise<Result<Reserved, Refusal>> {
  const { model, caller, standing } = exchange;
  if (isLimited(model)) {
    const user = caller.kind === 'user' ? caller.id : null;
    const turn = await needs.freeUse.take(standing.address, { model: model.resolved, user });
    if (!turn.isTaken) {
      return err({ kind: 'free-limit-reached', retryAfterSeconds: turn.retryAfterSeconds });
    }
  }
  return ok({ ...exchange, reservation: { [reserved]: true } });
}
