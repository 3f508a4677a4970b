export type UserExistsNeeds = {
  readonly cache: {
    readonly get: (key: string) => Promise<string | null>;
    readonly put: (
      key: string,
      value: string,
      options: { readonly expirationTtl: number },
    ) => Promise<void>;
  };
  /** Asks the database. */
  readonly lookUp: (userId: string) => Promise<boolean>;
  /** Keeps the worker alive for what the caller does not wait for. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** A cache that is away is nobody's problem but the log's. */
  readonly reportFailure: (cause: unknown) => void;
};

/** A deleted user is still believed for a day: deletion is no way to lock somebody out, blocking is. */
const KNOWN_SECONDS = 24 * 60 * 60;
/** Somebody who has just signed up must not wait for long. */
const UNKNOWN_SECONDS = 5 * 60;
/** Of KV. */
const KEY_BYTES_MAX = 512;

const values = { known: '1', unknown: '0' } as const;

/** Whether there is such a user. Throws what the database throws: an outage is not an answer, and is not cached. */
export async function userExists(needs: UserExistsNeeds, userId: string): Promise<boolean> {
  const key = `user-exists:${userId}`;
  if (new TextEncoder().encode(key).byteLength > KEY_BYTES_MAX) return needs.lookUp(userId);
  const cached = await cachedValue(needs, key);
  if (cached === values.known) return true;
  if (cached === values.unknown) return false;
  const exists = await needs.lookUp(userId);
  const put = needs.cache.put(key, exists ? values.known : values.unknown, {
    expirationTtl: exists ? KNOWN_SECONDS : UNKNOWN_SECONDS,
  });
  // Without it the worker may end before the put; and a put that fails must not fail the request.
  needs.waitUntil(put.catch(needs.reportFailure));
  return exists;
}

async function cachedValue(
  { cache, reportFailure }: UserExistsNeeds,
  key: string,
): Promise<string | null> {
  try {
    return await cache.get(key);
  } catch (cause) {
    reportFailure(cause);
    return null;
  }
}
