import type { AnonymousId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import type { CustomLlm } from './custom-llm.ts';
import type { ByokKey } from './byok-key.ts';

/** The caller of an exchange. */
export type Caller =
  | { readonly kind: 'anonymous'; readonly id: AnonymousId }
  | {
      readonly kind: 'user';
      readonly id: UserId;
      readonly snapshot: Snapshot;
      readonly bot: string | null;
      readonly tokenSource: string | null;
    };

/**
 * The database's facts about a user and the organisation that the user acts for. Read once per request, so that identity,
 * funds, policy and routing decide on the same facts.
 */
export type Snapshot = {
  readonly user: {
    readonly id: UserId;
    readonly email: string;
    /** Tokens made under another pepper are revoked. Null: every token is accepted. */
    readonly tokenPepper: string | null;
    readonly isBlocked: boolean;
    readonly used: MicroUsd;
    readonly acquired: MicroUsd;
    /** Whether auto top-up is enabled. */
    readonly wantsTopUp: boolean;
  };
  readonly organization: OrganizationContext | null;
  /** Enabled BYOK keys, oldest first: those of the organisation if the user acts for one, otherwise the user's. */
  readonly ownKeys: readonly ByokKey[];
  readonly readAt: Instant;
  /** Those of the organisation. Empty if the user may not spend for it. */
  readonly customLlms: readonly CustomLlm[];
};

export type OrganizationContext = {
  readonly id: OrganizationId;
  /** Null: not a member. */
  readonly role: 'owner' | 'member' | 'billing_manager' | null;
  readonly used: MicroUsd;
  readonly acquired: MicroUsd;
  readonly wantsTopUp: boolean;
  /** Seats are paid for instead of limiting what a member may use. */
  readonly hasSeats: boolean;
  /** Null: none is set; 0 allows nothing. */
  readonly dailyLimit: MicroUsd | null;
  /** By this member, of the day in UTC. */
  readonly usedToday: MicroUsd;
  readonly plan: string;
  readonly settings: {
    /** Base ids, or `maker/*`. Empty: none is set. */
    readonly modelAllowList: readonly string[];
    /** By OpenRouter's names. Empty: none is set. */
    readonly providerAllowList: readonly string[];
    readonly dataCollection: 'allow' | 'deny' | null;
  };
};
