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

/** All that a payer's ledger knows. */
export type AdmissionState = {
  readonly account: Account | null;
  readonly entries: ReadonlyMap<ExchangeId, Entry>;
};

/** Exchanges of one payer that may run at once. */
const RUNNING_MAX = 200;
/** Exchanges that Postgres does not have yet. Beyond, whoever pays with it has to wait. */
const OWED_MAX = 10_000;

/** What an operator allows a payer. */
export type Terms = {
  /** Exchanges of one member of an organisation that may run at once. */
  readonly memberRunningMax: number;
  /** By so much worst cases may exceed what is left, while typical usage fits into it. 0: never. */
  readonly overdraft: MicroUsd;
};

/** Whether one more exchange may begin. `busy`: there is money, but what is running keeps it back. */
export type Admission =
  | { readonly kind: 'held'; readonly hold: MicroUsd }
  | { readonly kind: 'credits-required'; readonly balance: MicroUsd }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unavailable' };

/** Who asks, when, and what the exchange may cost. */
export type AdmissionRequest = {
  readonly user: string;
  readonly isOrganization: boolean;
  readonly worstCase: MicroUsd;
  readonly at: Instant;
};

/**
 * An exchange is admitted while anything is available, and holds at most what is left. Available is the balance, less what is
 * owed, less the worst case of every exchange that holds money: money that becomes free first fills a hold that was cut short.
 * So before each admission all worst cases fit into the balance, and after it only the last one may exceed it.
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

/** One member with many slow answers must not keep the others of the organisation from asking. */
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
  /** Less the worst cases of what holds money. Below 0 while the last exchange exceeds it. */
  readonly available: number;
  /** Less what such exchanges typically cost. */
  readonly typicallyAvailable: number;
};

/** What one more exchange may hold at most. */
const leftOf = ({ available, typicallyAvailable }: Funds, { overdraft }: Terms): number =>
  typicallyAvailable > 0 ? available + overdraft : available;

/** Of an organisation and its member, whoever has less. */
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
