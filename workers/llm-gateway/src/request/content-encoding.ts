import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { err, ok, type Result } from '@gateway/worker-utils/result';

type Decoder = (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Uint8Array;

/** By the name that a client gives it. Several, one upon the other, are none of these. */
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['zstd', zstdDecompressSync],
]);

/** What a client is told to use. */
export const DECODED_ENCODINGS = 'gzip, deflate, zstd';

export type Encoding =
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly decode: Decoder };

export function encodingOf(header: string | null): Result<Encoding, 'unsupported'> {
  const name = header?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return ok({ kind: 'none' });
  const decode = decoders.get(name);
  return decode ? ok({ kind: 'known', decode }) : err('unsupported');
}

/** Ends at the limit: what is small on the wire may be made to fill an isolate. */
export function decoded(
  bytes: Uint8Array,
  decode: Decoder,
  bytesMax: number,
): Result<Uint8Array, 'too-large' | 'unreadable'> {
  try {
    return ok(decode(bytes, { maxOutputLength: bytesMax }));
  } catch (cause) {
    return err(cause instanceof RangeError ? 'too-large' : 'unreadable');
  }
}
