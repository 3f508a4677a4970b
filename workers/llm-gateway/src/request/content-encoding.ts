import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { err, ok, type Result } from '@gateway/worker-utils/result';

type Decoder = (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Uint8Array;

/** By content coding. Combined codings are not supported. */
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['zstd', zstdDecompressSync],
]);

/** Sent in `Accept-Encoding` with a refusal. */
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

/** Stops at the limit, so that a small compressed body cannot fill the isolate's memory. */
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
