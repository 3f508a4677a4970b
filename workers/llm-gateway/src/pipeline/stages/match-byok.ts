import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { OrganizationContext } from '../../exchange/caller.ts';
import type { ByokMatched, Identified, ByokMatch } from '../../exchange/exchange.ts';
import { matchingKeys, type ModelHosts } from '../../upstream/byok/matching-keys.ts';
import type { ByokKey } from '../../exchange/byok-key.ts';
import { allowsKey } from '../../policy/organization-policy.ts';
import type { Refusal } from '../../exchange/refusal.ts';

/**
 * Which of the caller's own keys could serve the model. Before anybody asks for money: who brings a key is not charged. That
 * a key can't be read is found out when the route is chosen.
 */
export async function matchByok(
  exchange: Identified,
  needs: { readonly modelHosts: ModelHosts },
): Promise<Result<ByokMatched, Refusal>> {
  const { caller, model } = exchange;
  if (caller.kind === 'anonymous') return ok({ ...exchange, byok: { kind: 'none' } });
  const { ownKeys, organization } = caller.snapshot;
  const fitting = await matchingKeys(ownKeys, model, needs.modelHosts);
  // Not known is not none: the house must not step in, and be paid for what the caller pays elsewhere.
  if (!fitting.ok) return err({ kind: 'unavailable' });
  return ok({ ...exchange, byok: matchOf(fitting.value, organization) });
}

function matchOf(fitting: readonly ByokKey[], organization: OrganizationContext | null): ByokMatch {
  if (fitting.length === 0) return { kind: 'none' };
  const [first, ...rest] = organization
    ? fitting.filter(({ provider }) => allowsKey(organization, provider))
    : fitting;
  return first ? { kind: 'fitting', keys: [first, ...rest] } : { kind: 'forbidden' };
}
