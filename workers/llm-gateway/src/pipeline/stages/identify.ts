import { OrganizationId, type AnonymousId, type UserId } from '@gateway/worker-utils/ids';
import type { KiloTokenClaims } from '@gateway/worker-utils/kilo-token';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import { timingSafeEqual } from '@gateway/worker-utils/timing-safe-equal';
import type { Caller, Snapshot } from '../../exchange/caller.ts';
import type { Identified, Throttled } from '../../exchange/exchange.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import type { ClientAddress } from '../../request/client-address.ts';

/** Null: not a token of ours, not valid now, or minted for another environment. */
export type Tokens = { readonly verify: (token: string) => Promise<KiloTokenClaims | null> };
export type Snapshots = {
  /** `checked`: at most a second old, where the database answers. Nobody is turned away by anything older. */
  readonly of: (
    user: UserId,
    organization: OrganizationId | null,
    age: 'usual' | 'checked',
  ) => Promise<Result<Snapshot | null, 'unavailable'>>;
};
export type Anonymizer = { readonly idOf: (address: ClientAddress) => Promise<AnonymousId> };
export type UserNeeds = {
  readonly tokens: Tokens;
  readonly snapshots: Snapshots;
  readonly isBlacklisted: (email: string) => boolean;
};
type Needs = UserNeeds & { readonly anonymizer: Anonymizer };

/** What a client brings of its identity. */
export type Credentials = {
  readonly bearer: string | null;
  /** That it names. What its token names holds besides. */
  readonly organization: string | null;
};
type User = Extract<Caller, { kind: 'user' }>;

/** Why a bearer does not stand for a user. `banned` callers are refused even what is free. */
type Doubt = 'unauthenticated' | 'banned' | 'unavailable';

export async function identify(
  exchange: Throttled,
  needs: Needs,
): Promise<Result<Identified, Refusal>> {
  const { bearer, hints } = exchange.arrival;
  const user = await userOf({ bearer, organization: hints.organization }, needs);
  if (user.ok) return ok({ ...exchange, caller: user.value });
  if (user.error === 'unavailable') return err({ kind: 'unavailable' });

  if (user.error === 'banned' || !exchange.model.isFree) return err({ kind: 'sign-in-required' });
  const { used } = exchange.freeTier;
  if (used?.isFull) {
    return err({ kind: 'free-limit-reached', retryAfterSeconds: used.retryAfterSeconds });
  }
  if (used?.isPromotionOver) return err({ kind: 'promotion-limit-reached' });
  const id = await needs.anonymizer.idOf(exchange.freeTier.address);
  return ok({ ...exchange, caller: { kind: 'anonymous', id } });
}

/** The user that a bearer stands for, and acts as. */
export async function userOf(
  { bearer, organization: named }: Credentials,
  needs: UserNeeds,
): Promise<Result<User, Doubt>> {
  if (bearer === null) return err('unauthenticated');
  const claims = await needs.tokens.verify(bearer);
  if (!claims) return err('unauthenticated');
  const organization = organizationOf(named, claims.organizationId);
  if (!organization.ok) return organization;

  const usual = await userBy({ claims, organization: organization.value, age: 'usual' }, needs);
  const isCertain = usual.ok || usual.error === 'unavailable';
  return isCertain
    ? usual
    : userBy({ claims, organization: organization.value, age: 'checked' }, needs);
}

async function userBy(
  asked: {
    readonly claims: KiloTokenClaims;
    readonly organization: OrganizationId | null;
    readonly age: 'usual' | 'checked';
  },
  needs: UserNeeds,
): Promise<Result<User, Doubt>> {
  const { claims, organization, age } = asked;
  const found = await needs.snapshots.of(claims.kiloUserId, organization, age);
  if (!found.ok) return found;
  const snapshot = found.value;
  if (!snapshot || !(await isCurrent(claims, snapshot))) return err('unauthenticated');
  if (snapshot.user.isBlocked || needs.isBlacklisted(snapshot.user.email)) return err('banned');
  if (organization !== null && !mayActFor(snapshot)) return err('unauthenticated');

  return ok({
    kind: 'user',
    id: snapshot.user.id,
    snapshot,
    bot: claims.botId ?? null,
    tokenSource: claims.tokenSource ?? null,
  });
}

/** A signed claim can't be changed by a header: a token made for one organisation acts for no other. */
function organizationOf(
  header: string | null,
  claim: string | undefined,
): Result<OrganizationId | null, 'unauthenticated'> {
  const named = header ?? claim ?? null;
  if (named === null) return ok(null);
  const organization = OrganizationId.safeParse(named);
  if (!organization.success) return err('unauthenticated');
  const isClaimed = claim === undefined || claim.toLowerCase() === organization.data;
  return isClaimed ? ok(organization.data) : err('unauthenticated');
}

async function isCurrent(claims: KiloTokenClaims, { user }: Snapshot): Promise<boolean> {
  return !user.tokenPepper || timingSafeEqual(claims.apiTokenPepper ?? '', user.tokenPepper);
}

/** Billing managers pay the bills of an organisation; they do not spend its credits. */
const mayActFor = ({ organization }: Snapshot): boolean =>
  organization?.role === 'owner' || organization?.role === 'member';
