import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

/** What a member of an organisation has used on one day, and may use. */
export const MemberDay = z
  .object({
    /** In UTC, as a date. */
    day: z.iso.date(),
    /** Used of the organisation's credits on that day, as far as Postgres has it. */
    used: MicroUsd,
    /** Null: none is set; 0 allows nothing. */
    limit: MicroUsd.nullable(),
    limitReadAt: Instant,
  })
  .readonly();
export type MemberDay = z.infer<typeof MemberDay>;

/** What a payer is known to have. What is owed but not in Postgres yet is not in it. */
export const Funds = z
  .object({ used: MicroUsd, acquired: MicroUsd, acquiredReadAt: Instant })
  .readonly();
export type Funds = z.infer<typeof Funds>;

export type Account = Funds & {
  /** Of an organisation, by user. */
  readonly members: Readonly<Record<string, MemberDay>>;
};

/** What somebody read of Postgres. */
export type AccountReading = {
  readonly used: MicroUsd;
  readonly acquired: MicroUsd;
  /** Null: a user pays, or the organisation does not limit its members. */
  readonly member: {
    readonly id: string;
    readonly day: string;
    readonly used: MicroUsd;
    readonly limit: MicroUsd | null;
  } | null;
  readonly at: Instant;
};

/** Of an organisation with more members on one day, those that were seen first are read again when they come back. */
const MEMBERS_MAX = 2_000;

/**
 * What is known after one more reading. Readings come from many places and in any order: `used` only grows, so that the
 * largest is the newest; what was acquired may also shrink (credits expire), and there the time of reading decides.
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

/** What a landing tells: what has been used, not what there is. */
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

/** Whether it says something else, and not only the same of a later moment. */
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

/** The day on which an exchange counts. */
export const dayOf = (at: Instant): string => new Date(at).toISOString().slice(0, 10);
