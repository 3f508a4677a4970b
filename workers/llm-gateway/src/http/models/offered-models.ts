import { ModelId } from '@gateway/worker-utils/ids';
import type { OrganizationContext } from '../../exchange/caller.ts';
import { type CustomLlm, isCustomName } from '../../exchange/custom-llm.ts';
import { type AutoModel, autoModels } from '../../catalog/models/auto-models.ts';
import { autoTargetsOf } from '../../catalog/models/auto.ts';
import { sponsoredModels, modelOf } from '../../catalog/models/catalogue.ts';
import type { SponsoredModel } from '../../catalog/models/model.ts';
import { preferredModels } from '../../catalog/models/preferred.ts';
import { needsDataCollection, refusesDataCollection } from '../../policy/data-collection.ts';
import { allowsModel, preferencesOf } from '../../policy/organization-policy.ts';
import { entryOf, type ModelEntry } from './model-entry.ts';

/** For whom the list is. `null`: for everybody. */
type Reader = {
  readonly organization: OrganizationContext;
  readonly customLlms: readonly CustomLlm[];
} | null;

/** What a caller may ask for: what is recommended first. Nothing is listed that would be refused for its name. */
export function offeredModels(
  upstream: readonly ModelEntry[],
  reader: Reader,
): readonly ModelEntry[] {
  const own = reader?.customLlms.filter(({ id }) => isCustomName(id)).map(customEntry) ?? [];
  const offered = [...houseEntries, ...upstream.filter(({ id }) => isServedAs(id))];
  const allowed = reader
    ? offered.filter(({ id }) => isAllowed(reader.organization, ModelId.parse(id)))
    : offered;
  return withoutRepeats([...own, ...allowed])
    .map(recommended)
    .toSorted(byRecommendation);
}

/** Clients that build a table of the list would take the last one. */
function withoutRepeats(entries: readonly ModelEntry[]): readonly ModelEntry[] {
  const first = new Map<string, ModelEntry>();
  for (const entry of entries) if (!first.has(entry.id)) first.set(entry.id, entry);
  return [...first.values()];
}

/** What the upstream lists under an id of the house's is not what we serve under it; what it has withdrawn is not served. */
function isServedAs(id: string): boolean {
  const model = ModelId.parse(id);
  if (isCustomName(model) || autoTargetsOf(model)) return false;
  const { sponsored, isWithdrawn } = modelOf(model, model);
  return sponsored === null && !isWithdrawn;
}

/** An auto model that would be refused in one mode is not offered at all. */
const isAllowed = (organization: OrganizationContext, id: ModelId): boolean =>
  (autoTargetsOf(id) ?? [id]).every((target) => {
    const model = modelOf(id, ModelId.parse(target));
    const deniesCollection = refusesDataCollection(preferencesOf(organization));
    return allowsModel(organization, model) && !(deniesCollection && needsDataCollection(model));
  });

const autoEntry = (model: AutoModel): ModelEntry =>
  entryOf({
    ...model,
    pricing: { prompt: model.prompt, completion: model.completion },
    seesImages: true,
    reasons: true,
    isFree: model.prompt === '0',
  });

const hostedEntry = ({ flags, ...model }: SponsoredModel): ModelEntry =>
  entryOf({
    ...model,
    description: `${model.name}. What is sent may be used to improve the model.`,
    pricing: FREE,
    seesImages: flags.includes('vision'),
    reasons: flags.includes('reasoning'),
    isFree: true,
  });

const customEntry = (llm: CustomLlm): ModelEntry =>
  entryOf({
    ...llm,
    description: `${llm.name}, run by your organization.`,
    pricing: FREE,
    reasons: llm.isReasoning,
    isFree: true,
  });

const FREE = { prompt: '0', completion: '0' } as const;
const houseEntries: readonly ModelEntry[] = [
  ...autoModels.map(autoEntry),
  ...[...sponsoredModels.values()].filter(({ state }) => state === 'offered').map(hostedEntry),
];

const placeOf = new Map<string, number>(preferredModels.map((id, index) => [id, index]));

function recommended(entry: ModelEntry): ModelEntry {
  const place = placeOf.get(entry.id);
  return place === undefined ? entry : { ...entry, preferredIndex: place };
}

const byRecommendation = (one: ModelEntry, other: ModelEntry): number =>
  (one.preferredIndex ?? Infinity) - (other.preferredIndex ?? Infinity) || 0;
