/**
 * How the meter reads its copy of a stream. `tee()` holds for each side what only the other one has read: a meter that falls
 * behind a fast client, or runs ahead of a slow one, fills the memory. It can't see the client. But it sees how much a read
 * returns: more than a block has been waiting here, because the client is ahead. Less may have been fetched by this very
 * read, and then waits for the client.
 */
export type ReadPacing = {
  /** So far the meter may have run ahead of the client. */
  readonly leadBytes: number;
  /** Until the next read. */
  readonly restMs: number;
};

/** A side of a `tee()` that must ask the upstream asks for this much at a time. */
const BLOCK_BYTES = 16 * 1024;
const LEAD_BYTES_MAX = 64 * 1024;

/** The first rest is short: behind it may be a fast answer. */
const REST_MS_MIN = 5;
/**
 * Events that come one by one are read a tick at a time: reading each by itself costs twice as much. What comes in the meantime
 * waits in memory, and the end of a stream wakes the meter at once.
 */
const REST_MS_MAX = 250;
/** For a meter that may be ahead too far. It learns that it isn't when a whole block has passed it in the meantime. */
const REST_MS_AHEAD_MAX = 16_000;

export const isAhead = ({ leadBytes }: ReadPacing): boolean => leadBytes > LEAD_BYTES_MAX;

export const initialPacing: ReadPacing = { leadBytes: 0, restMs: 0 };

export function pacingAfter(pace: ReadPacing, bytesRead: number): ReadPacing {
  if (bytesRead > BLOCK_BYTES) return initialPacing;
  const leadBytes = pace.leadBytes + bytesRead;
  const restMsMax = isAhead({ ...pace, leadBytes }) ? REST_MS_AHEAD_MAX : REST_MS_MAX;
  return { leadBytes, restMs: Math.min(restMsMax, Math.max(REST_MS_MIN, pace.restMs * 2)) };
}
