import type { UserId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Composed, Reserved } from '../../exchange/exchange.ts';
import { isCounted } from '../../policy/free-use/is-counted.ts';
import { isCharged } from '../../policy/is-charged.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import type { ClientAddress } from '../../request/client-address.ts';

const reserved: unique symbol = Symbol('reserved');
/** Proof that the exchange may begin: its turn is taken, its money is held. Only this file can make one. */
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

/** `busy`: there is money, but what is running keeps it back. */
export type Holding =
  | { readonly kind: 'held' }
  | { readonly kind: 'credits-required'; readonly balance: MicroUsd }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unavailable' };
/** Keeps back what an exchange may cost, and remembers that it has begun. Never rejects. */
export type Holds = { readonly hold: (exchange: Composed) => Promise<Holding> };

/** The last place that may refuse: from here on, every path ends in one settlement. */
export async function reserve(
  exchange: Composed,
  needs: { readonly freeUse: FreeUseTake; readonly holds: Holds },
): Promise<Result<Reserved, Refusal>> {
  const refusal =
    (await turnRefused(exchange, needs.freeUse)) ?? (await holdRefused(exchange, needs.holds));
  return refusal ? err(refusal) : ok({ ...exchange, reservation: { [reserved]: true } });
}

async function turnRefused(
  { model, caller, freeTier }: Composed,
  freeUse: FreeUseTake,
): Promise<Refusal | null> {
  if (!isCounted(model, caller.kind)) return null;
  const user = caller.kind === 'user' ? caller.id : null;
  const turn = await freeUse.take(freeTier.address, { model: model.resolved, user });
  if (turn.isTaken) return null;
  return { kind: 'free-limit-reached', retryAfterSeconds: turn.retryAfterSeconds };
}

async function holdRefused(exchange: Composed, holds: Holds): Promise<Refusal | null> {
  const { caller } = exchange;
  if (!isCharged(exchange) || caller.kind !== 'user') return null;
  const holding = await holds.hold(exchange);
  switch (holding.kind) {
    case 'held':
      return null;
    case 'credits-required':
      return {
        kind: 'credits-required',
        user: caller.id,
        organization: caller.snapshot.organization?.id ?? null,
        balance: holding.balance,
      };
    case 'busy':
      return { kind: 'balance-reserved' };
    case 'unavailable':
      return { kind: 'unavailable' };
  }
}
