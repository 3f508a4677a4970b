import { z } from 'zod';

/** Whose keys a user or an organisation can bring, by the names that their rows have. */
export const ByokProvider = z.enum([
  'anthropic',
  'bedrock',
  'codestral',
  'google',
  'minimax',
  'mistral',
  'openai',
  'xai',
  'zai',
]);
export type ByokProvider = z.infer<typeof ByokProvider>;

/** A key that a caller has brought. Sealed, as it is stored: it is opened for the call that needs it, and kept nowhere. */
export type ByokKey = {
  readonly id: string;
  readonly provider: ByokProvider;
  readonly sealed: unknown;
};
/** Never empty: where there is none, a caller has no own keys. */
export type ByokKeys = readonly [ByokKey, ...ByokKey[]];
