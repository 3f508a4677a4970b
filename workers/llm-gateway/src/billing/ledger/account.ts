import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

/** A member's usage and limit within an organisation on one day. */
export const MemberDay = z
  .object({
    /** The date in UTC. */
    day: z.iso.date(),
    /** Organisation credits used on that day, as recorded in Postgres. */
    used: MicroUsd,
    /** Null if no limit is set. 0 allows nothing. */
    limit: MicroUsd.nullable(),
    limitReadAt: Instant,
  })
  .readonly();
export type MemberDay = z.infer<typeof MemberDay>;

/** A payer's known funds. Excludes amounts that are owed but not in Postgres yet. */
export const Funds = z
  .object({ used: MicroUsd, acquired: MicroUsd, acquiredReadAt: Instant })
  .readonly();
export type Funds = z.infer<typeof Funds>;

export type Account = Funds & {
  /** For an organisation: usage by user. */
  readonly members: Readonly<Record<string, MemberDay>>;
};

/** One snapshot read from Postgres. */
export type AccountReading = {
  readonly used: MicroUsd;
  readonly acquired: MicroUsd;
  /** Null if a user pays, or the organisation does not limit its members. */
  readonly member: {
    readonly id: string;
    readonly day: string;
    readonly used: MicroUsd;
    readonly limit: MicroUsd | null;
  } | null;
  readonly at: Instant;
};

/** Members remembered per organisation and day. Beyond it, the oldest are dropped and read again on their next request. */
const MEMBERS_MAX = 2_000;

/**
 * Merges one more snapshot. Snapshots arrive from many places in any order. `used` only grows, so the largest is the
 * newest. Acquired credits may also shrink (credits expire), so there the time of the read decides.
 */
export function learnt(account: Account | null, reading: AccountReading): Account {
  if (!account) {
    return {
      used: reading.used,
      acquired: reading.acquired,
      acquiredReadAt: reading.at,
      members: withMember({}, reading),
    };
  }
  const isNewer = reading.at >= account.acquiredReadAt;
  return {
    used: larger(account.used, reading.used),
    acquired: isNewer ? reading.acquired : account.acquired,
    acquiredReadAt: isNewer ? reading.at : account.acquiredReadAt,
    members: withMember(account.members, reading),
  };
}

/** A write result reports usage, not funds. */
export function usedSince(
  account: Account,
  news: {
    readonly used: MicroUsd | null;
    readonly member: { readonly id: string; readonly day: string; readonly used: MicroUsd } | null;
  },
): Account {
  const { member } = news;
  const known = member && account.members[member.id];
  const isToday = known && member.day === known.day;
  return {
    ...account,
    used: news.used === null ? account.used : larger(account.used, news.used),
    members: isToday
      ? { ...account.members, [member.id]: { ...known, used: larger(known.used, member.used) } }
      : account.members,
  };
}

/** Whether the values differ, ignoring the time of the read. */
export const isFundsNews = (known: Funds, { used, acquired }: Funds): boolean =>
  used !== known.used || acquired !== known.acquired;
export const isMemberNews = (known: MemberDay, { day, used, limit }: MemberDay): boolean =>
  day !== known.day || used !== known.used || limit !== known.limit;

function withMember(
  members: Account['members'],
  { member, at }: AccountReading,
): Account['members'] {
  if (!member) return members;
  const known = members[member.id];
  if (known && known.day > member.day) return members;
  const isSameDay = known?.day === member.day;
  const isOlder = known !== undefined && known.limitReadAt > at;
  const { [member.id]: _, ...others } = members;
  return {
    ...bounded(others),
    [member.id]: {
      day: member.day,
      used: isSameDay ? larger(known.used, member.used) : member.used,
      limit: isOlder ? known.limit : member.limit,
      limitReadAt: isOlder ? known.limitReadAt : at,
    },
  };
}

function bounded(members: Account['members']): Account['members'] {
  const entries = Object.entries(members);
  return entries.length < MEMBERS_MAX ? members : Object.fromEntries(entries.slice(1));
}

const larger = (a: MicroUsd, b: MicroUsd): MicroUsd => (a > b ? a : b);

/** The day that an exchange counts towards. */
export const dayOf = (at: Instant): string => new Date(at).toISOString().slice(0, 10);
