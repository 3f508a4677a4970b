import { err, ok, type Result } from '@gateway/worker-utils/result';
import { z } from 'zod';
import { type Credentials, credentialsIn } from '../../exchange/byok-credentials.ts';
import type { ByokKey } from '../../exchange/byok-key.ts';

/** `unreadable`: the stored value cannot be decrypted. `malformed`: the decrypted text is not a key of the provider. */
export type Unusable = 'unreadable' | 'malformed';

const base64 = z
  .base64()
  .transform((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
const ofLength = (bytes: number) => base64.refine(({ byteLength }) => byteLength === bytes);

const TAG_BYTES = 16;
/** AES-256-GCM. The tag length is checked because a short tag would be easy to forge. */
const Sealed = z.object({ iv: ofLength(12), data: base64, authTag: ofLength(TAG_BYTES) });
const EncryptionKey = ofLength(32);

/**
 * Decrypts a key for one call. Throws only when the encryption key is invalid, which is the operator's fault.
 * @param encryptionKey base64 of 32 bytes.
 */
export async function openKey(
  { provider, sealed }: ByokKey,
  encryptionKey: string,
): Promise<Result<Credentials, Unusable>> {
  const key = await importedKey(encryptionKey);
  const parsed = Sealed.safeParse(sealed);
  const plain = parsed.success ? await unsealed(parsed.data, key) : null;
  if (plain === null) return err('unreadable');
  const credentials = credentialsIn(provider, plain);
  return credentials ? ok(credentials) : err('malformed');
}

async function importedKey(encoded: string): Promise<CryptoKey> {
  const bytes = EncryptionKey.safeParse(encoded);
  // No `cause`: it would contain the key.
  if (!bytes.success)
    throw new Error('The encryption key for BYOK keys is not 32 bytes in base64.');
  return crypto.subtle.importKey('raw', bytes.data, 'AES-GCM', false, ['decrypt']);
}

async function unsealed(
  { iv, data, authTag }: z.infer<typeof Sealed>,
  key: CryptoKey,
): Promise<string | null> {
  const algorithm = { name: 'AES-GCM', iv, tagLength: TAG_BYTES * 8 };
  try {
    const plain = await crypto.subtle.decrypt(algorithm, key, joined(data, authTag));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return null;
  }
}

function joined(data: Uint8Array, tag: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(data.byteLength + tag.byteLength);
  both.set(data);
  both.set(tag, data.byteLength);
  return both;
}
