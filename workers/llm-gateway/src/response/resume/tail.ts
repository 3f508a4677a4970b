import { joinBytes } from '@gateway/worker-utils/bytes';

/** A longer unfinished event is not remembered and cannot be closed. */
const TAIL_BYTES_MAX = 64 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The bytes after the last blank line. `bytes` is null while they exceed the limit. */
export type Tail = { readonly bytes: Uint8Array | null; readonly ends: Uint8Array };

export const emptyTail: Tail = { bytes: new Uint8Array(), ends: new Uint8Array() };

/** Searches from the end, because the last event is short even in a long piece. */
export function extendTail(tail: Tail, piece: Uint8Array): Tail {
  // A blank line may span two pieces. The last bytes of a long tail are enough to detect it.
  const known = tail.bytes ?? tail.ends;
  const inPiece = afterBlankLine(piece);
  if (inPiece !== null) return tailOf(piece.slice(inPiece));
  const joined = joinBytes([known, piece]);
  const inJoined = afterBlankLine(joined);
  if (inJoined !== null) return tailOf(joined.slice(inJoined));
  return tail.bytes === null ? { bytes: null, ends: joined.slice(-3) } : tailOf(joined.slice());
}

const tailOf = (bytes: Uint8Array): Tail => ({
  bytes: bytes.byteLength > TAIL_BYTES_MAX ? null : bytes,
  ends: bytes.slice(-3),
});

/** Offset after the last blank line, or null if there is none. */
export function afterBlankLine(bytes: Uint8Array): number | null {
  for (let at = bytes.byteLength - 1; at > 0; at -= 1) if (endsBlankLine(bytes, at)) return at + 1;
  return null;
}

/** Offset after the first blank line, or null if there is none. */
export function afterFirstBlankLine(bytes: Uint8Array): number | null {
  for (let at = 1; at < bytes.byteLength; at += 1) if (endsBlankLine(bytes, at)) return at + 1;
  return null;
}

function endsBlankLine(bytes: Uint8Array, at: number): boolean {
  const sign = bytes[at];
  if (sign !== LINE_FEED && sign !== CARRIAGE_RETURN) return false;
  const before = bytes[at - 1];
  // A carriage return and a line feed are one line end, not two.
  return (
    before === sign ||
    (sign === LINE_FEED && before === CARRIAGE_RETURN && bytes[at - 2] === LINE_FEED)
  );
}
