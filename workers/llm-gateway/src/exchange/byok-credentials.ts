import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import type { ByokProvider } from './byok-key.ts';

/** The caller's credentials for a provider, which Vercel's gateway tries in this order. */
export type Credentials = {
  /** Of the provider, by Vercel's name. */
  readonly provider: string;
  readonly entries: readonly Readonly<Record<string, string>>[];
};

/** The secret values: all but regions and URLs. */
export const secretsIn = ({ entries }: Credentials): readonly string[] =>
  entries.flatMap((entry) =>
    Object.entries(entry).flatMap(([name, value]) => (NOT_SECRET.has(name) ? [] : [value])),
  );
const NOT_SECRET = new Set(['region', 'baseURL']);

/** Subscriptions to Z.ai's coding plan are served at an address of their own; a plain key fails there and is tried next. */
const ZAI_CODING_PLAN_URL = 'https://api.z.ai/api/coding/paas/v4';

const AwsCredentials = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  region: z.string().min(1),
});

/** @returns null if the decrypted text is not a key of this provider. */
export function credentialsIn(provider: ByokProvider, plain: string): Credentials | null {
  const entries = entriesIn(provider, plain);
  return entries && { provider: vercelNameOf(provider), entries };
}

function entriesIn(provider: ByokProvider, plain: string): Credentials['entries'] | null {
  if (provider === 'bedrock') {
    const json = parseJson(plain);
    const aws = AwsCredentials.safeParse(json.ok ? json.value : null);
    return aws.success ? [aws.data] : null;
  }
  if (plain === '') return null;
  const entry = { apiKey: plain };
  return provider === 'zai' ? [{ ...entry, baseURL: ZAI_CODING_PLAN_URL }, entry] : [entry];
}

/** Codestral has keys of its own, but is Mistral's. */
export const vercelNameOf = (provider: ByokProvider): string =>
  provider === 'codestral' ? 'mistral' : provider;
