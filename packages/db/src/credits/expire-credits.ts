import type { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';

export type CreditOwner =
  | { readonly kind: 'user'; readonly id: UserId }
  | { readonly kind: 'organization'; readonly id: OrganizationId };

/** Credits that end one day, and were not ended yet. */
export type ExpiringCredit = {
  readonly id: string;
  readonly amount_microdollars: MicroUsd;
  /** What the owner had used in all when these credits became the next to be used. Null counts as 0. */
  readonly expiration_baseline_microdollars_used: MicroUsd | null;
  readonly description: string | null;
  readonly is_free: boolean;
  readonly expiry_date: Instant;
};

export type CreditAccount = {
  readonly owner: CreditOwner;
  readonly acquired: MicroUsd;
  readonly used: MicroUsd;
  readonly credits: readonly ExpiringCredit[];
};

/** The transaction that takes back what was left of credits. */
type ExpiryTransaction = {
  readonly kilo_user_id: UserId | typeof SYSTEM;
  readonly organization_id: OrganizationId | null;
  /** 0 or less. */
  readonly amount_microdollars: MicroUsd;
  readonly credit_category: 'credits_expired';
  readonly original_transaction_id: string;
  readonly original_baseline_microdollars_used: MicroUsd;
  readonly description: string;
  readonly is_free: boolean;
  /** When the credits expired, not when somebody noticed. */
  readonly created_at: Instant;
};
type RaisedBaseline = { readonly id: string; readonly baseline: MicroUsd };

export type CreditExpiry = {
  readonly transactions: readonly ExpiryTransaction[];
  readonly baselines: readonly RaisedBaseline[];
  readonly acquired: MicroUsd;
  readonly nextExpiryAt: Instant | null;
};

/** Nobody in particular made the transaction of an organisation. */
const SYSTEM = 'system';

/**
 * Ends the credits whose time is over by the cut-off. Credits lie over the owner's total use as intervals, each from its
 * baseline on: what lies below the total is used, the rest is taken back. Use counts once, for the credits that expire
 * first: those that expire later and overlap it are moved up. So it makes no difference in how many runs it is done.
 */
export function expireCredits(account: CreditAccount, cutOff: Instant): CreditExpiry {
  const ordered = account.credits.toSorted((one, other) => one.expiry_date - other.expiry_date);
  const expired = ordered.filter(({ expiry_date }) => expiry_date <= cutOff);
  const baselines = new Map<string, number>();
  const transactions: ExpiryTransaction[] = [];

  for (const [index, credit] of expired.entries()) {
    const start = baselineOf(credit, baselines);
    const end = Math.min(start + credit.amount_microdollars, account.used);
    const used = Math.max(0, end - start);
    transactions.push(transactionOf(account, credit, credit.amount_microdollars - used));
    for (const later of ordered.slice(index + 1)) {
      const baseline = baselineOf(later, baselines);
      const overlap = Math.min(used, end - baseline);
      if (overlap > 0) baselines.set(later.id, baseline + overlap);
    }
  }

  return {
    transactions,
    baselines: Array.from(baselines, ([id, baseline]) => ({
      id,
      baseline: MicroUsd.parse(baseline),
    })),
    acquired: MicroUsd.parse(
      transactions.reduce<number>(
        (sum, entry) => sum + entry.amount_microdollars,
        account.acquired,
      ),
    ),
    nextExpiryAt: ordered[expired.length]?.expiry_date ?? null,
  };
}

const baselineOf = (credit: ExpiringCredit, raised: ReadonlyMap<string, number>): number =>
  raised.get(credit.id) ?? credit.expiration_baseline_microdollars_used ?? 0;

function transactionOf(
  { owner, used }: CreditAccount,
  credit: ExpiringCredit,
  left: number,
): ExpiryTransaction {
  return {
    kilo_user_id: owner.kind === 'user' ? owner.id : SYSTEM,
    organization_id: owner.kind === 'organization' ? owner.id : null,
    // 0 - left, for -left would make a negative zero.
    amount_microdollars: MicroUsd.parse(0 - left),
    credit_category: 'credits_expired',
    original_transaction_id: credit.id,
    original_baseline_microdollars_used: used,
    description: `Expired: ${credit.description ?? ''}`,
    is_free: credit.is_free,
    created_at: credit.expiry_date,
  };
}
