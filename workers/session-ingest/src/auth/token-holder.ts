import { bearerToken } from '@gateway/worker-utils/bearer-token';
import type { UserId } from '@gateway/worker-utils/ids';
import { type KiloTokenClaims, verifyKiloToken } from '@gateway/worker-utils/kilo-token';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { SecretPair } from '@gateway/worker-utils/secret-pair';
import type { Clock } from '@gateway/worker-utils/time';
import { timingSafeEqual } from '@gateway/worker-utils/timing-safe-equal';

export type AuthFlaw = 'no-token' | 'bad-token' | 'unknown-user' | 'blocked-user';

/** What a token's holder is checked against. */
export type Account = { readonly tokenPepper: string | null; readonly isBlocked: boolean };

export type TokenHolderNeeds = {
  readonly secrets: SecretPair;
  /** Where this runs. A token that was made elsewhere is refused, if it says where. */
  readonly environment: string;
  readonly clock: Clock;
  /**
   * An account that is some seconds old will do if it lets the holder in. Null: no such user. Throws where the database can't
   * say: an outage is no verdict.
   */
  readonly account: (
    user: UserId,
    letsIn: (account: Account) => Promise<boolean>,
  ) => Promise<Account | null>;
};

/** Who sends a request: a valid token of a user that exists, is not blocked, and has not revoked it since. */
export async function tokenHolder(
  needs: TokenHolderNeeds,
  authorization: string | undefined,
): Promise<Result<UserId, AuthFlaw>> {
  const token = bearerToken(authorization);
  if (token === null) return err('no-token');
  const claims = await verifyKiloToken(token, needs.secrets, needs.clock.now());
  if (!claims.ok || isForeign(claims.value, needs.environment)) return err('bad-token');
  const { kiloUserId: user } = claims.value;
  const flawIn = (account: Account | null) => accountFlaw(claims.value, account);
  const account = await needs.account(user, async (known) => (await flawIn(known)) === null);
  const flaw = await flawIn(account);
  return flaw === null ? ok(user) : err(flaw);
}

const isForeign = ({ env }: KiloTokenClaims, environment: string): boolean =>
  env !== undefined && environment !== '' && env !== environment;

async function accountFlaw(
  claims: KiloTokenClaims,
  account: Account | null,
): Promise<AuthFlaw | null> {
  if (account === null) return 'unknown-user';
  if (!(await isCurrent(claims, account))) return 'bad-token';
  return account.isBlocked ? 'blocked-user' : null;
}

/** The gateway's rule: a user without a pepper has never revoked a token. */
async function isCurrent(claims: KiloTokenClaims, { tokenPepper }: Account): Promise<boolean> {
  return !tokenPepper || timingSafeEqual(claims.apiTokenPepper ?? '', tokenPepper);
}
