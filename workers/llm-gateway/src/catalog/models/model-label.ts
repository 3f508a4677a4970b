import { OTHER_MODEL } from '@gateway/worker-utils/api-metrics';
import { ModelId, modelBase } from '@gateway/worker-utils/ids';
import { CODE_MODELS } from '../../request/fim-request.ts';
import { autoModels } from './auto-models.ts';
import { sponsoredModels } from './catalogue.ts';

/** What we serve under names of our own, with and without what follows the colon. */
const ownNames = withBases([
  ...sponsoredModels.keys(),
  ...autoModels.map(({ id }) => id),
  ...CODE_MODELS.map((name) => ModelId.parse(name)),
]);

/**
 * The name that metrics may give a model. Callers make up names and what follows their colons: only names of the upstream's
 * catalogue, our own and those of the caller's organisation are labels (docs/decisions/0030).
 * @param listed ids of the catalogue and of the organisation, with their bases: see `withBases`.
 */
export function modelLabel(id: string, listed: readonly ReadonlySet<string>[]): string {
  const isListed = (name: string) => [ownNames, ...listed].some((names) => names.has(name));
  if (isListed(id)) return id;
  const base = id.split(':', 1)[0] ?? id;
  return isListed(base) ? base : OTHER_MODEL;
}

export function withBases(ids: readonly ModelId[]): ReadonlySet<string> {
  return new Set([...ids, ...ids.map(modelBase)]);
}
