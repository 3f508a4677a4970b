import { customLlmOf } from '../custom-llm/custom-llm.ts';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Admitted, Routed, Target } from '../exchange.ts';
import type { KeyChain } from '../own-keys/key-chain.ts';
import type { OwnKeys } from '../own-keys/own-key.ts';
import { type GatewayHealth, vercelShareOf } from '../policy/vercel-share.ts';
import { isSplit } from '../policy/vercel-split.ts';
import { vercelBucketOf } from '../providers/vercel-bucket.ts';
import type { Refusal } from '../refusal.ts';

type Vercel = {
  /** Whether the house has an account there. */
  readonly isConfigured: () => Promise<boolean>;
  readonly health: () => Promise<GatewayHealth>;
};
type Needs = { readonly keyChain: KeyChain; readonly vercel: Vercel };

/** The first that applies: who brings something of their own is never sent to the house's account instead. */
export async function route(exchange: Admitted, needs: Needs): Promise<Result<Routed, Refusal>> {
  const { ownKeys, caller, model } = exchange;
  if (ownKeys.kind === 'fitting') return routedTo(exchange, await ownTarget(ownKeys.keys, needs));
  const llm = customLlmOf(caller, model);
  if (llm) return routedTo(exchange, ok({ kind: 'custom-llm', provider: 'custom', llm }));
  if (await isForVercel(exchange, needs.vercel)) return routedTo(exchange, atHouse('vercel'));
  return routedTo(exchange, atHouse(model.hosted?.provider ?? 'openrouter'));
}

const routedTo = (exchange: Admitted, target: Result<Target, Refusal>): Result<Routed, Refusal> =>
  target.ok ? ok({ ...exchange, plan: [target.value] }) : target;

const atHouse = (provider: Extract<Target, { kind: 'house' }>['provider']) =>
  ok({ kind: 'house', provider } as const);

/** A key that can't be read does not take the others with it. None left: the house does not step in unasked. */
async function ownTarget(keys: OwnKeys, { keyChain }: Needs): Promise<Result<Target, Refusal>> {
  const opened = await Promise.all(keys.map((key) => keyChain.open(key)));
  const [first, ...rest] = keys.filter((_key, index) => opened[index] !== null);
  return first
    ? ok({ kind: 'own-keys', provider: 'vercel', keys: [first, ...rest] })
    : err({ kind: 'own-keys-unusable' });
}

/** By task, so that a conversation stays where its cache is; by caller, where there is none. */
async function isForVercel(
  { chat, model, caller, arrival, grant }: Admitted,
  vercel: Vercel,
): Promise<boolean> {
  if (!isSplit(model, grant.preferences ?? chat['provider'])) return false;
  const bucket = await vercelBucketOf(arrival.hints.task ?? caller.id);
  return bucket < vercelShareOf(await vercel.health()) && vercel.isConfigured();
}
