import type { ExchangeId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { type Account, dayOf } from './account.ts';
import { type Entry, isOwed, isRunning, unsettledOf } from './entry.ts';

/** All that a payer's ledger knows. */
export type Book = {
  readonly account: Account | null;
  readonly entries: ReadonlyMap<ExchangeId, Entry>;
};

/** Exchanges of one payer that may run at once. */
const RUNNING_MAX = 200;
/** Exchanges that Postgres does not have yet. Beyond, whoever pays with it has to wait. */
const OWED_MAX = 10_000;

/** Whether one more exchange may begin. `busy`: there is money, but what is running keeps it back. */
export type Admission =
  | { readonly kind: 'held'; readonly hold: MicroUsd }
  | { readonly kind: 'credits-required'; readonly balance: MicroUsd }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unavailable' };

/** Who asks, for how much, and when. */
export type Ask = {
  readonly user: string;
  readonly isOrganization: boolean;
  readonly hold: MicroUsd;
  readonly at: Instant;
};

/**
 * Available is the balance, less what is owed, less what is held: admitted while any of it is left, with a hold of at most
 * what is left. So the payer's debt stays below what the admitted exchanges cost beyond their holds.
 */
export function admissionTo({ account, entries }: Book, ask: Ask): Admission {
  if (!account) return { kind: 'unavailable' };
  const all = [...entries.values()];
  if (all.filter(isOwed).length > OWED_MAX) return { kind: 'unavailable' };

  const { balance, available } = tightest(account, all, ask);
  if (balance <= 0) return { kind: 'credits-required', balance: MicroUsd.parse(balance) };
  if (available <= 0 || all.filter(isRunning).length >= RUNNING_MAX) return { kind: 'busy' };
  return { kind: 'held', hold: MicroUsd.parse(Math.min(ask.hold, available)) };
}

type Funds = { readonly balance: number; readonly available: number };

/** Of an organisation and its member, whoever has less. */
function tightest(account: Account, entries: readonly Entry[], ask: Ask): Funds {
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
  };
}

function fundsOf(settledBalance: number, entries: readonly Entry[]): Funds {
  const balance = settledBalance - sumOf(entries.map(unsettledOf));
  return { balance, available: balance - sumOf(entries.map(({ hold }) => hold)) };
}

const sumOf = (amounts: readonly number[]): number =>
  amounts.reduce((sum, amount) => sum + amount, 0);
