import type { ModelId } from '@gateway/worker-utils/ids';
import type { Caller } from './caller.ts';
import type { Model } from '../catalog/models/catalogue.ts';

/** A model at an organisation's own endpoint, called with its own key and at its own cost. */
export type CustomLlm = {
  readonly id: ModelId;
  /** Display name. */
  readonly name: string;
  readonly contextTokens: number;
  readonly seesImages: boolean;
  /** Its name at the endpoint. */
  readonly internalId: string;
  /** The endpoint's protocol as stored; `endpointOf` validates it. */
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly outputTokensMax: number;
  readonly verbosity: string | null;
  readonly reasoningEffort: string | null;
  /** The SDK knows the models that reason by their names, and not this one by its own. */
  readonly isReasoning: boolean;
};

/** Older clients send the second prefix. No public model has either. */
const PREFIXES = ['kilo-internal/', 'kilo/'];

/** Custom LLMs are reachable only under these prefixes. */
export const isCustomName = (id: ModelId): boolean =>
  PREFIXES.some((prefix) => id.startsWith(prefix));

/** The snapshot holds only those of the organisation that the caller may spend for: nobody else's can be found. */
export function customLlmOf(caller: Caller, { resolved }: Model): CustomLlm | null {
  if (caller.kind === 'anonymous') return null;
  if (!isCustomName(resolved)) return null;
  return caller.snapshot.customLlms.find(({ id }) => id === resolved) ?? null;
}
