const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

export const newEncryptionKey = (): string => base64(crypto.getRandomValues(new Uint8Array(32)));

/** As the application that takes own keys stores them. */
export async function sealed(plain: Uint8Array | string, encryptionKey: string) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const raw = Uint8Array.from(atob(encryptionKey), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
  const bytes = typeof plain === 'string' ? new TextEncoder().encode(plain) : plain.slice();
  const both = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes));
  return { iv: base64(iv), data: base64(both.slice(0, -16)), authTag: base64(both.slice(-16)) };
}
