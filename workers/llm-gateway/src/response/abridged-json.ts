/** What counts an answer is in short texts: names, numbers, reasons. */
const STRING_BYTES_MAX = 1024;
const KEPT_BYTES_MAX = 1024 * 1024;
const QUOTE = 34;
const BACKSLASH = 92;
const LETTER_U = 117;
const UNICODE_DIGITS = 4;

/**
 * A JSON text whose long strings are cut short, read in whatever pieces it comes: an answer that does not fit into memory is still
 * whole or not, and still says what it costs.
 */
export function abridgedJson(): {
  readonly feed: (bytes: Uint8Array) => void;
  /** Null where it is too long without its long strings as well. */
  readonly text: () => string | null;
} {
  const kept = new Uint8Array(KEPT_BYTES_MAX);
  let length = 0;
  let isString = false;
  let stringBytes = 0;
  /** Of an escape, how many bytes are missing: it is kept whole, or not at all. */
  let escapeBytes = 0;
  const keep = (byte: number): void => {
    if (length < KEPT_BYTES_MAX) kept[length] = byte;
    length += 1;
  };
  const feedString = (byte: number): void => {
    const isEscaped = escapeBytes > 0;
    const isKept = stringBytes < STRING_BYTES_MAX || (isEscaped && isEscapeKept);
    if (isEscaped) {
      escapeBytes =
        escapeBytes === 1 && byte === LETTER_U && isFirst ? UNICODE_DIGITS : escapeBytes - 1;
      isFirst = false;
    } else if (byte === BACKSLASH) {
      [escapeBytes, isFirst, isEscapeKept] = [1, true, isKept];
    } else if (byte === QUOTE) {
      isString = false;
      return keep(byte);
    }
    stringBytes += 1;
    if (isKept) keep(byte);
  };
  let isFirst = false;
  let isEscapeKept = false;
  return {
    feed(bytes) {
      for (const byte of bytes) {
        if (isString) {
          feedString(byte);
          continue;
        }
        keep(byte);
        if (byte === QUOTE) [isString, stringBytes] = [true, 0];
      }
    },
    text: () =>
      length > KEPT_BYTES_MAX ? null : new TextDecoder().decode(kept.subarray(0, length)),
  };
}
