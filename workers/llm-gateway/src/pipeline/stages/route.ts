import { customLlmOf } from '../../exchange/custom-llm.ts';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Authorized, Routed, Target } from '../../exchange/exchange.ts';
import type { KeyChain } from '../../upstream/byok/key-chain.ts';
import type { ByokKeys } from '../../exchange/byok-key.ts';
import {
  type GatewayHealth,
  isSplit,
  mayVercelAnswer,
  vercelShareOf,
} from '../../policy/vercel-routing.ts';
import { vercelBucketOf } from '../../catalog/providers/vercel-bucket.ts';
import type { Refusal } from '../../exchange/refusal.ts';

type Vercel = {
  /** Whether the house has an account there. */
  readonly isConfigured: () => Promise<boolean>;
  readonly health: () => Promise<GatewayHealth>;
};
type Needs = { readonly keyChain: KeyChain; readonly vercel: Vercel };

/** The first that applies: who brings something of their own is never sent to the house's account instead. */
export async function route(exchange: Authorized, needs: Needs): Promise<Result<Routed, Refusal>> {
  const { byok, caller, model } = exchange;
  if (byok.kind === 'fitting') {
    const target = await ownTarget(byok.keys, needs);
    return target.ok ? ok({ ...exchange, plan: [target.value] }) : target;
  }
  const llm = customLlmOf(caller, model);
  const plan: Routed['plan'] = llm
    ? [{ kind: 'custom-llm', provider: 'custom', llm }]
    : await housePlan(exchange, needs.vercel);
  return ok({ ...exchange, plan });
}

/** The gateway that it is the turn of, and then the other one, where that has the model and policy allows it. */
async function housePlan(exchange: Authorized, vercel: Vercel): Promise<Routed['plan']> {
  const { model, chat, grant } = exchange;
  const first = atHouse(model.sponsored?.provider ?? 'openrouter');
  if (!mayVercelAnswer({ model, chat }, grant.preferences ?? chat['provider'])) return [first];
  if (await isForVercel(exchange, vercel)) return [atHouse('vercel'), atHouse('openrouter')];
  return (await vercel.isConfigured()) ? [first, atHouse('vercel')] : [first];
}

const atHouse = (provider: Extract<Target, { kind: 'platform' }>['provider']) =>
  ({ kind: 'platform', provider }) as const;

/** A key that can't be read does not take the others with it. None left: the house does not step in unasked. */
async function ownTarget(keys: ByokKeys, { keyChain }: Needs): Promise<Result<Target, Refusal>> {
  const opened = await Promise.all(keys.map((key) => keyChain.open(key)));
  const [first, ...rest] = keys.filter((_key, index) => opened[index] !== null);
  return first
    ? ok({ kind: 'byok', provider: 'vercel', keys: [first, ...rest] })
    : err({ kind: 'byok-keys-unusable' });
}

/** By task, so that a conversation stays where its cache is; by caller, where there is none. */
async function isForVercel(
  { model, caller, arrival }: Authorized,
  vercel: Vercel,
): Promise<boolean> {
  if (!isSplit(model)) return false;
  const bucket = await vercelBucketOf(arrival.hints.task ?? caller.id);
  return bucket < vercelShareOf(await vercel.health()) && vercel.isConfigured();
}
