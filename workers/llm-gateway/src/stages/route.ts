import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Admitted, Routed, Target } from '../exchange.ts';
import type { KeyChain } from '../own-keys/key-chain.ts';
import type { OwnKeys } from '../own-keys/own-key.ts';
import type { Refusal } from '../refusal.ts';

type Needs = { readonly keyChain: KeyChain };

/** The first that applies: who brings something of their own is never sent to the house's account instead. */
export async function route(exchange: Admitted, needs: Needs): Promise<Result<Routed, Refusal>> {
  const { ownKeys } = exchange;
  if (ownKeys.kind === 'fitting') return routedTo(exchange, await ownTarget(ownKeys.keys, needs));
  return routedTo(exchange, ok(houseTarget(exchange)));
}

const routedTo = (exchange: Admitted, target: Result<Target, Refusal>): Result<Routed, Refusal> =>
  target.ok ? ok({ ...exchange, plan: [target.value] }) : target;

/** A key that can't be read does not take the others with it. None left: the house does not step in unasked. */
async function ownTarget(keys: OwnKeys, { keyChain }: Needs): Promise<Result<Target, Refusal>> {
  const opened = await Promise.all(keys.map((key) => keyChain.open(key)));
  const [first, ...rest] = keys.filter((_key, index) => opened[index] !== null);
  return first
    ? ok({ kind: 'own-keys', provider: 'vercel', keys: [first, ...rest] })
    : err({ kind: 'own-keys-unusable' });
}

const houseTarget = ({ model }: Admitted): Target => ({
  kind: 'house',
  provider: model.hosted?.provider ?? 'openrouter',
});
