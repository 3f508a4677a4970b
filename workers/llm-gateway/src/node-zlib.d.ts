/** As much of it as is used. The platform has it; the types of the platform don't. */
declare module 'node:zlib' {
  type Decode = (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Uint8Array;
  export const gunzipSync: Decode;
  export const inflateSync: Decode;
  export const zstdDecompressSync: Decode;
}
