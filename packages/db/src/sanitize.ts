/** A value beyond it could exceed what a unique index can hold, and fail the whole statement. */
const LOOKUP_BYTES_MAX = 500;

const encoder = new TextEncoder();

/** Postgres stores neither NUL nor half a surrogate pair. */
export const storableText = (text: string | null): string | null =>
  text === null ? null : text.replaceAll('\0', '').toWellFormed();

/** A text for a lookup table: at most 500 bytes, cut between characters. An empty one is no value. */
export function lookupText(text: string | null): string | null {
  const storable = storableText(text);
  if (!storable) return null;
  const buffer = new Uint8Array(LOOKUP_BYTES_MAX);
  const { read } = encoder.encodeInto(storable, buffer);
  return storable.slice(0, read);
}

/** An integer that the column can hold, or null. Text that is a number counts. */
export function integerWithin(value: unknown, bits: 16 | 32 | 53): number | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const number = value === '' ? Number.NaN : Number(value);
  const limit = bits === 53 ? Number.MAX_SAFE_INTEGER : 2 ** (bits - 1) - 1;
  return Number.isInteger(number) && Math.abs(number) <= limit ? number : null;
}

/** A number that a `real` can hold, or null. One too small for it is 0: Postgres refuses it, as it refuses one too large. */
export function realNumber(value: number | null): number | null {
  if (value === null) return null;
  const stored = Math.fround(value);
  if (!Number.isFinite(stored)) return null;
  return stored === 0 ? 0 : value;
}
