import { ok, type Result } from '@gateway/worker-utils/result';
import { vercelModelOf } from '../../catalog/transforms/vercel-model.ts';
import type { Model } from '../../catalog/models/catalogue.ts';
import type { ByokKey } from '../../exchange/byok-key.ts';

/** The inference providers that serve a model at Vercel's gateway, by Vercel's names. */
export type ModelHosts = {
  readonly of: (vercelModel: string) => Promise<Result<readonly string[], 'unavailable'>>;
};

/** The BYOK keys that can serve the model, in the order in which they were added. */
export async function matchingKeys(
  brought: readonly ByokKey[],
  model: Model,
  modelHosts: ModelHosts,
): Promise<Result<readonly ByokKey[], 'unavailable'>> {
  // Most callers have no keys: skip the lookup.
  if (brought.length === 0) return ok([]);
  // Codestral has separate keys, which Vercel's catalogue does not list.
  if (model.resolved.startsWith('mistralai/codestral')) {
    return ok(brought.filter(({ provider }) => provider === 'codestral'));
  }
  const hosts = await modelHosts.of(vercelModelOf(model));
  if (!hosts.ok) return hosts;
  return ok(
    brought.filter(({ provider }) => provider !== 'codestral' && hosts.value.includes(provider)),
  );
}
