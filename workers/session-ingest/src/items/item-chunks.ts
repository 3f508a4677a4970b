import type { StoredItem } from './stored-item.ts';

/** SQLite in an object takes values of 2 MiB; some of it is for the rest of the row. */
const ITEM_BYTES_MAX = 2 * 1024 * 1024 - 64 * 1024;
/** A call to an object carries 32 MiB. */
const CHUNK_BYTES_MAX = 24 * 1024 * 1024;

type Chunks = {
  readonly chunks: readonly (readonly StoredItem[])[];
  /** Items that are too large to be kept. They are dropped, not refused: a client could do nothing but lose the whole batch. */
  readonly dropped: number;
};

/** Cuts a batch into what one call can carry, in order. */
export function itemChunks(items: readonly StoredItem[], bytesMax = CHUNK_BYTES_MAX): Chunks {
  const kept = items.filter(({ data }) => fits(data));
  const chunks: StoredItem[][] = [];
  let room = 0;
  for (const item of kept) {
    // A call carries a text with two bytes a character as soon as one of them needs it.
    const bytes = 2 * item.data.length;
    if (bytes > room || chunks.length === 0) {
      chunks.push([]);
      room = bytesMax;
    }
    chunks.at(-1)?.push(item);
    room -= bytes;
  }
  return { chunks, dropped: items.length - kept.length };
}

const encoder = new TextEncoder();

function fits(text: string): boolean {
  // No character takes more than three bytes for each of its units: most texts need not be measured.
  if (text.length * 3 <= ITEM_BYTES_MAX) return true;
  return text.length <= ITEM_BYTES_MAX && encoder.encode(text).byteLength <= ITEM_BYTES_MAX;
}
