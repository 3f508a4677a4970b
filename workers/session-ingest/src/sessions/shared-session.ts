import { keepNewest } from '@gateway/worker-utils/keep-newest';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { SessionKey } from '../session-key.ts';

/** An id is random and made when a session is shared, so an unknown one stays unknown, unless its owner's block is lifted. */
const UNKNOWN_MS = 60_000;
const UNKNOWN_MAX = 10_000;

/** Public ids that lead to no session, and when Postgres said so. One per isolate. */
export type UnknownIds = Map<string, Instant>;

type Needs = {
  readonly unknown: UnknownIds;
  readonly clock: Clock;
  readonly read: (publicId: string) => Promise<SessionKey | null>;
};

/** The session behind a public id, or null. An unknown id is asked of Postgres once a minute; a known one every time. */
export async function sharedSession(
  { unknown, clock, read }: Needs,
  publicId: string,
): Promise<SessionKey | null> {
  const id = publicId.toLowerCase();
  const askedAt = unknown.get(id);
  if (askedAt !== undefined && clock.now() - askedAt < UNKNOWN_MS) return null;
  const now = clock.now();
  const key = await read(id);
  if (key === null) keepNewest(unknown, [id, now], UNKNOWN_MAX);
  else unknown.delete(id);
  return key;
}
