import type { Transform } from '../transforms/transform.ts';

/** Everything the gateway knows about one upstream API. Data first; code only where an API needs it. */
export type Provider = {
  readonly id: string;
  /** The variable or the secret that holds the base URL, and the secret that holds the key. */
  readonly baseUrl: `${string}_BASE_URL` | `${string}_API_URL`;
  readonly key: `${string}_API_KEY`;
  /** Mixed into the identifiers that this API gets to see of our users. Changing it makes every user a stranger there. */
  readonly hashPepper: string;
  /** Whether it can be asked afterwards for what an answer cost. */
  readonly hasGenerations: boolean;
  /** Microdollars a token, where its answers do not say what they cost. Null: they do, or nobody pays for them. */
  readonly tariff: Tariff | null;
  /** What a request needs to be right for this API, in this order, after what its model needs. */
  readonly transforms: readonly Transform[];
};

export type Tariff = {
  readonly prompt: number;
  readonly completion: number;
  /** What its models can read and write together. */
  readonly contextTokens: number;
};

export const defineProvider = <const P extends Provider>(provider: P): P => provider;
