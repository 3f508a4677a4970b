import type { Attempted, Reserved } from '../exchange.ts';
import { relay, type Relayed } from '../relay/relay.ts';
import { attempt } from '../stages/attempt.ts';

export type Concluded = Relayed & { readonly exchange: Attempted };

type Needs = Parameters<typeof attempt>[1] & Parameters<typeof relay>[1];

/** From a reservation there is one way on, and it ends in a reading: nothing reserved is left unsettled. */
export async function conclude(reserved: Reserved, needs: Needs): Promise<Concluded> {
  const exchange = await attempt(reserved, needs);
  return { exchange, ...(await relay(exchange, needs, { isReplyKept: false })) };
}
