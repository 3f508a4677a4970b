import type { ExchangeId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { type Account, dayOf } from './account.ts';
import {
  type Entry,
  isOwed,
  isRunning,
  typicalCostHeldFor,
  unsettledOf,
  worstCaseHeldFor,
} from './entry.ts';

/** The state of a payer's ledger. */
export type AdmissionState = {
  readonly account: Account | null;
  readonly entries: ReadonlyMap<ExchangeId, Entry>;
};

/** Maximum concurrent exchanges per payer. */
const RUNNING_MAX = 200;
/** Maximum exchanges not yet in Postgres. Beyond it, the payer's new requests must wait. */
const OWED_MAX = 10_000;

/** Limits set by the operator. */
export type Terms = {
  /** Maximum concurrent exchanges per member of an organisation. */
  readonly memberRunningMax: number;
  /** How far worst cases may exceed the available funds while typical costs fit. 0 disables the overdraft. */
  readonly overdraft: MicroUsd;
};

/** Whether one more exchange may start. `busy`: funds exist, but running exchanges hold them. */
export type Admission =
  | { readonly kind: 'held'; readonly hold: MicroUsd }
  | { readonly kind: 'credits-required'; readonly balance: MicroUsd }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unavailable' };

/** The member, the time, and the possible cost of the exchange. */
export type AdmissionRequest = {
  readonly user: string;
  readonly isOrganization: boolean;
  readonly worstCase: MicroUsd;
  readonly at: Instant;
};

/**
 * Admits an exchange while any funds are available; its hold is at most those funds. Available is the balance minus the
 * amount owed and the worst case of every exchange that holds money. Freed money first fills a hold that was cut short.
 * So all worst cases fit the balance before each admission, and only the last one may exceed it afterwards.
 */
export function admissionOf(
  { account, entries }: AdmissionState,
  ask: AdmissionRequest,
  terms: Terms,
): Admission {
  if (!account) return { kind: 'unavailable' };
  const all = [...entries.values()];
  if (all.filter(isOwed).length > OWED_MAX) return { kind: 'unavailable' };

  const funds = tightest(account, all, ask);
  const { balance } = funds;
  if (balance <= 0) return { kind: 'credits-required', balance: MicroUsd.parse(balance) };
  const left = leftOf(funds, terms);
  if (left <= 0 || runsTooMany(all, ask, terms)) return { kind: 'busy' };
  return { kind: 'held', hold: MicroUsd.parse(Math.min(ask.worstCase, left)) };
}

/** One member with many slow answers must not block the other members. */
function runsTooMany(
  entries: readonly Entry[],
  ask: AdmissionRequest,
  { memberRunningMax }: Terms,
): boolean {
  const running = entries.filter(isRunning);
  const own = running.filter(({ settlement }) => settlement.kilo_user_id === ask.user);
  return running.length >= RUNNING_MAX || (ask.isOrganization && own.length >= memberRunningMax);
}

type Funds = {
  readonly balance: number;
  /** After subtracting the worst cases of all holds. Below 0 while the last exchange exceeds the balance. */
  readonly available: number;
  /** After subtracting the typical costs instead. */
  readonly typicallyAvailable: number;
};

/** Maximum hold of the next exchange. */
const leftOf = ({ available, typicallyAvailable }: Funds, { overdraft }: Terms): number =>
  typicallyAvailable > 0 ? available + overdraft : available;

/** The smaller of the organisation's and the member's funds. */
function tightest(account: Account, entries: readonly Entry[], ask: AdmissionRequest): Funds {
  const whole = fundsOf(account.acquired - account.used, entries);
  const member = ask.isOrganization ? account.members[ask.user] : undefined;
  if (!member || member.limit === null) return whole;

  const day = dayOf(ask.at);
  const own = entries.filter(
    ({ settlement }) => settlement.kilo_user_id === ask.user && dayOf(settlement.created_at) >= day,
  );
  const used = member.day < day ? 0 : member.used;
  const part = fundsOf(member.limit - used, own);
  return {
    balance: Math.min(whole.balance, part.balance),
    available: Math.min(whole.available, part.available),
    typicallyAvailable: Math.min(whole.typicallyAvailable, part.typicallyAvailable),
  };
}

function fundsOf(settledBalance: number, entries: readonly Entry[]): Funds {
  const balance = settledBalance - sumOf(entries.map(unsettledOf));
  return {
    balance,
    available: balance - sumOf(entries.map(worstCaseHeldFor)),
    typicallyAvailable: balance - sumOf(entries.map(typicalCostHeldFor)),
  };
}

const sumOf = (amounts: readonly number[]): number =>
  amounts.reduce((sum, amount) => sum + amount, 0);
