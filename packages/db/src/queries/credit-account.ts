import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { CreditAccount, CreditOwner } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';

/** Far beyond what anybody has. More is refused rather than cut: each lot moves those that expire after it. */
const CREDITS_MAX = 5_000;

const Credit = z.object({
  id: z.string(),
  amount_microdollars: MicroUsd,
  expiration_baseline_microdollars_used: MicroUsd.nullable(),
  description: z.string().nullable(),
  is_free: z.boolean(),
  expiry_date: Instant,
});
const Account = z.object({
  acquired: MicroUsd,
  used: MicroUsd,
  next_expiry_at: Instant.nullable(),
  credits: z.array(Credit).max(CREDITS_MAX),
});

export type StoredCreditAccount = CreditAccount & { readonly nextExpiryAt: Instant | null };

/** The owner's totals and the credits that no expiry was written for, as they were at one moment. Null: no such owner. */
export async function creditAccount(
  database: Database,
  owner: CreditOwner,
): Promise<StoredCreditAccount | null> {
  const text = owner.kind === 'user' ? OF_USER : OF_ORGANIZATION;
  const [row] = await database.rows({ text, values: [owner.id] }, Account);
  if (!row) return null;
  const { acquired, used, credits, next_expiry_at: nextExpiryAt } = row;
  return { owner, acquired, used, credits, nextExpiryAt };
}

/** Postgres counts microseconds, everybody else here milliseconds: cut, as JavaScript does, and never rounded up. */
export const millisecondsOf = (instant: string): string =>
  `floor(extract(epoch from ${instant}) * 1000)::bigint`;

type Sources = {
  readonly owners: 'kilocode_users owner' | 'organizations owner';
  readonly isOwned: string;
  /** What a transaction that ended credits may be called. */
  readonly endings: string;
};

const statementOf = ({ owners, isOwned, endings }: Sources): string => `
select owner.total_microdollars_acquired as acquired, owner.microdollars_used as used,
  ${millisecondsOf('owner.next_credit_expiration_at')} as next_expiry_at, coalesce(credits.list, '[]') as credits
from ${owners}
cross join lateral (
  select json_agg(credit) as list from (
    select credit.id, credit.amount_microdollars, credit.expiration_baseline_microdollars_used, credit.description,
      credit.is_free, ${millisecondsOf('credit.expiry_date')} as expiry_date
    from credit_transactions credit
    where ${isOwned} and credit.expiry_date is not null
      and not exists (
        select from credit_transactions ending
        where ending.original_transaction_id = credit.id and ending.credit_category in (${endings})
      )
    order by credit.expiry_date, credit.created_at, credit.id
    limit ${CREDITS_MAX + 1}
  ) credit
) credits
where owner.id = $1`;

const OF_USER = statementOf({
  owners: 'kilocode_users owner',
  isOwned: 'credit.kilo_user_id = owner.id and credit.organization_id is null',
  // The two others were written before credits were kept here.
  endings: `'credits_expired', 'orb_credit_expired', 'orb_credit_voided'`,
});
const OF_ORGANIZATION = statementOf({
  owners: 'organizations owner',
  isOwned: 'credit.organization_id = owner.id',
  endings: `'credits_expired'`,
});
