/** The part's position, authenticated by the seal: a part moved elsewhere does not open. */
export type PartId = { readonly exchange: string; readonly n: number };

/** Encrypts an answer on disk: AES-256-GCM with a fresh IV in front of each part. */
export type Seal = {
  readonly close: (bytes: Uint8Array, place: PartId) => Promise<Uint8Array>;
  readonly open: (sealed: Uint8Array, place: PartId) => Promise<Uint8Array>;
};

const IV_BYTES = 12;
const encoder = new TextEncoder();

/**
 * @param identity part of the key derivation: the secret opens nothing without the client's own idempotency key.
 */
export async function sealFor(secret: string, identity: string): Promise<Seal> {
  const material = encoder.encode(secret);
  const base = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveKey']);
  const key = await crypto.subtle.deriveKey(
    {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: encoder.encode('kept answers'),
      info: encoder.encode(identity),
    },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
  const algorithm = (iv: Uint8Array, { exchange, n }: PartId) => ({
    name: 'AES-GCM',
    iv,
    additionalData: encoder.encode(`${exchange} ${n}`),
  });
  return {
    async close(bytes, place) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const closed = await crypto.subtle.encrypt(algorithm(iv, place), key, bytes);
      const sealed = new Uint8Array(IV_BYTES + closed.byteLength);
      sealed.set(iv);
      sealed.set(new Uint8Array(closed), IV_BYTES);
      return sealed;
    },
    async open(sealed, place) {
      const iv = sealed.subarray(0, IV_BYTES);
      const opened = await crypto.subtle.decrypt(
        algorithm(iv, place),
        key,
        sealed.subarray(IV_BYTES),
      );
      return new Uint8Array(opened);
    },
  };
}
