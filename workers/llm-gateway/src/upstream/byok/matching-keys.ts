import { ok, type Result } from '@gateway/worker-utils/result';
import { vercelModelOf } from '../../catalog/transforms/vercel-model.ts';
import type { Model } from '../../catalog/models/catalogue.ts';
import type { ByokKey } from '../../exchange/byok-key.ts';

/** Who serves a model behind Vercel's gateway, by Vercel's names. */
export type ModelHosts = {
  readonly of: (vercelModel: string) => Promise<Result<readonly string[], 'unavailable'>>;
};

/** Those that could serve the model, in the order in which they were brought. */
export async function matchingKeys(
  brought: readonly ByokKey[],
  model: Model,
  modelHosts: ModelHosts,
): Promise<Result<readonly ByokKey[], 'unavailable'>> {
  // Most callers have none, and nobody is asked on their behalf.
  if (brought.length === 0) return ok([]);
  // Served with keys of its own, of which the catalogue knows nothing.
  if (model.resolved.startsWith('mistralai/codestral')) {
    return ok(brought.filter(({ provider }) => provider === 'codestral'));
  }
  const hosts = await modelHosts.of(vercelModelOf(model));
  if (!hosts.ok) return hosts;
  return ok(
    brought.filter(({ provider }) => provider !== 'codestral' && hosts.value.includes(provider)),
  );
}
