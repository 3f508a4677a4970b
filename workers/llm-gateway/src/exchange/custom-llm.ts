import type { ModelId } from '@gateway/worker-utils/ids';
import type { Caller } from './caller.ts';
import type { Model } from '../catalog/models/catalogue.ts';

/** A model that an organisation has brought: reached with its own key at its own endpoint, and paid for by itself. */
export type CustomLlm = {
  readonly id: ModelId;
  /** As its users are shown it. */
  readonly name: string;
  readonly contextTokens: number;
  readonly seesImages: boolean;
  /** Its name at the endpoint. */
  readonly internalId: string;
  /** Which protocol the endpoint speaks. As the row says it: `endpointOf` judges. */
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly outputTokensMax: number;
  readonly verbosity: string | null;
  readonly reasoningEffort: string | null;
  /** The SDK knows the models that reason by their names, and not this one by its own. */
  readonly isReasoning: boolean;
};

/** The second is what older clients ask for. A public model has neither. */
const PREFIXES = ['kilo-internal/', 'kilo/'];

/** Under any other name, nobody could ask for it. */
export const isCustomName = (id: ModelId): boolean =>
  PREFIXES.some((prefix) => id.startsWith(prefix));

/** The snapshot holds only those of the organisation that the caller may spend for: nobody else's can be found. */
export function customLlmOf(caller: Caller, { resolved }: Model): CustomLlm | null {
  if (caller.kind === 'anonymous') return null;
  if (!isCustomName(resolved)) return null;
  return caller.snapshot.customLlms.find(({ id }) => id === resolved) ?? null;
}
