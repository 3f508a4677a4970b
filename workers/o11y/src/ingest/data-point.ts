import { cutToBytes } from './cut-to-bytes.ts';

/** What Analytics Engine takes, with its limits applied: it drops a whole point, silently, when one is exceeded. */
export type DataPoint = {
  readonly indexes: string[];
  readonly blobs: string[];
  readonly doubles: number[];
};

const INDEX_BYTES_MAX = 96;
/** All blobs of a point may have 5,120 bytes together. */
const BLOB_BYTES_MAX = 512;

export const indexOf = (text: string): string => cutToBytes(text, INDEX_BYTES_MAX);
export const blobOf = (text: string): string => cutToBytes(text, BLOB_BYTES_MAX);
export const flagOf = (isSet: boolean): '1' | '0' => (isSet ? '1' : '0');
