import { z } from 'zod';

/** The providers with BYOK support, by the names used in the database. */
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

/** A BYOK key, encrypted as stored. It is decrypted only for the call that needs it. */
export type ByokKey = {
  readonly id: string;
  readonly provider: ByokProvider;
  readonly sealed: unknown;
};
/** Never empty. */
export type ByokKeys = readonly [ByokKey, ...ByokKey[]];
