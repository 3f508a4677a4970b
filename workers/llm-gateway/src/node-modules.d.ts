/** As much of it as is used. The platform has it; the types of the platform don't. */
declare module 'node:zlib' {
  type Decode = (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Uint8Array;
  export const gunzipSync: Decode;
  export const inflateSync: Decode;
  export const zstdDecompressSync: Decode;
}
declare module 'node:crypto' {
  type Hash = {
    readonly update: (data: string | Uint8Array) => Hash;
    readonly digest: (encoding: 'hex') => string;
  };
  export const createHash: (algorithm: 'sha256') => Hash;
}
