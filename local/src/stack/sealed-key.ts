import { createCipheriv, randomBytes } from 'node:crypto';

/** A provider's key as own keys are stored: AES-256-GCM, the authentication tag apart. */
export function sealedKey(
  plain: string,
  encryptionKey: string,
): Record<'iv' | 'data' | 'authTag', string> {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(encryptionKey, 'base64'), iv);
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return {
    iv: iv.toString('base64'),
    data: data.toString('base64'),
    authTag: cipher.getAuthTag().toString('base64'),
  };
}
