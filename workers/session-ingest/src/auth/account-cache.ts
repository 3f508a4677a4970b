import { keepNewest } from '@gateway/worker-utils/keep-newest';
import type { UserId } from '@gateway/worker-utils/ids';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { Account } from './token-holder.ts';

/** So long a revoked token or a blocked user may still be let in. */
const KEPT_MS = 10_000;
const ACCOUNTS_MAX = 1_000;

type Entry = { readonly account: Account; readonly readAt: Instant };
/** One per isolate. Holds plain values only: promises belong to the request that made them. */
export type AccountCache = Map<UserId, Entry>;

type Needs = {
  readonly cache: AccountCache;
  readonly clock: Clock;
  readonly read: (user: UserId) => Promise<Account | null>;
};

/**
 * Remembers accounts for a moment. An isolate's memory, not KV: a CLI sends its batches within seconds of each other, and a KV
 * entry would outlive a revocation. Who is not let in is always read anew, so that a new user or a lifted block counts at once.
 */
export const cachedAccount =
  ({ cache, clock, read }: Needs) =>
  async (user: UserId): Promise<Account | null> => {
    const known = cache.get(user);
    if (known && !known.account.isBlocked && clock.now() - known.readAt < KEPT_MS) {
      return known.account;
    }
    const readAt = clock.now();
    const account = await read(user);
    if (account === null) cache.delete(user);
    else keepNewest(cache, [user, { account, readAt }], ACCOUNTS_MAX);
    return account;
  };
