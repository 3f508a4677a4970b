import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { Dialect } from './dialect.ts';

/** What a provider adds to its reasoning, so that it takes it back in the next turn. */
export type Proof = {
  readonly signature: string | null;
  readonly encrypted: string | null;
  readonly id: string | null;
};

export function proofIn(metadata: SharedV4ProviderMetadata | undefined): Proof {
  const text = (provider: string, field: string): string | null => {
    const value = metadata?.[provider]?.[field];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    signature: text('anthropic', 'signature'),
    encrypted: text('anthropic', 'redactedData') ?? text('openai', 'reasoningEncryptedContent'),
    id: text('openai', 'itemId'),
  };
}

type Place = { readonly index: number; readonly proof: Proof };

/** Entries of `reasoning_details`. */
export const textEntry = (text: string, { index, proof }: Place, { format }: Dialect) => ({
  type: 'reasoning.text',
  text,
  index,
  ...(proof.signature !== null && { signature: proof.signature }),
  ...(proof.id !== null && { id: proof.id }),
  format,
});

export const encryptedEntry = (data: string, { index, proof }: Place, { format }: Dialect) => ({
  type: 'reasoning.encrypted',
  data,
  index,
  ...(proof.id !== null && { id: proof.id }),
  format,
});
