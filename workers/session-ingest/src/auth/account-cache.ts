import { keepNewest } from '@gateway/worker-utils/keep-newest';
import type { UserId } from '@gateway/worker-utils/ids';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { Account, TokenHolderNeeds } from './token-holder.ts';

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
 * Remembers accounts for a moment: a CLI sends its batches within seconds of each other (docs/decisions/0022). What is
 * remembered lets in, and never refuses: a lifted block and a token that replaces a revoked one count at once.
 */
export const cachedAccount =
  ({ cache, clock, read }: Needs): TokenHolderNeeds['account'] =>
  async (user, letsIn) => {
    const known = cache.get(user);
    const isFresh = known !== undefined && clock.now() - known.readAt < KEPT_MS;
    if (isFresh && (await letsIn(known.account))) return known.account;
    const readAt = clock.now();
    const account = await read(user);
    if (account === null) cache.delete(user);
    else keepNewest(cache, [user, { account, readAt }], ACCOUNTS_MAX);
    return account;
  };
