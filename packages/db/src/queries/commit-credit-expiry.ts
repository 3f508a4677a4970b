import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { CreditExpiry } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';
import { millisecondsOf, type StoredCreditAccount } from './credit-account.ts';

const Committed = z.object({ total_microdollars_acquired: MicroUsd });

/**
 * Writes an expiry: the owner, the transactions and the baselines change together or not at all. Only where the owner still
 * is as the expiry was computed from; false: somebody else was faster, and has done it.
 */
export async function commitCreditExpiry(
  database: Database,
  before: StoredCreditAccount,
  expiry: CreditExpiry,
): Promise<boolean> {
  const text = before.owner.kind === 'user' ? OF_USER : OF_ORGANIZATION;
  const values = [
    before.owner.id,
    before.acquired,
    before.nextExpiryAt,
    expiry.acquired,
    expiry.nextExpiryAt,
    JSON.stringify(expiry.transactions),
    JSON.stringify(expiry.baselines),
  ];
  const committed = await database.rows({ text, values }, Committed);
  return committed.length > 0;
}

const ENTRY_COLUMNS = `kilo_user_id, organization_id, amount_microdollars, credit_category, original_transaction_id,
    original_baseline_microdollars_used, description, is_free`;

/** The owner's row is the lock: whoever waits for it sees the new totals, and does nothing. */
const statementOf = (owners: string, mirror = ''): string => `
with owner as (
  update ${owners} owner
  set total_microdollars_acquired = $4::bigint, next_credit_expiration_at = to_timestamp($5::bigint / 1000.0),
    updated_at = now()${mirror}
  where owner.id = $1 and owner.total_microdollars_acquired = $2::bigint
    and ${millisecondsOf('owner.next_credit_expiration_at')} is not distinct from $3::bigint
  returning owner.total_microdollars_acquired
),
raised as (
  update credit_transactions credit set expiration_baseline_microdollars_used = later.baseline
  from jsonb_to_recordset($7::jsonb) as later(id uuid, baseline bigint)
  where credit.id = later.id and exists (select from owner)
),
entry as (
  insert into credit_transactions (${ENTRY_COLUMNS}, created_at)
  select ${ENTRY_COLUMNS}, to_timestamp(created_at / 1000.0)
  from jsonb_to_recordset($6::jsonb) as entry(
    kilo_user_id text, organization_id uuid, amount_microdollars bigint, credit_category text,
    original_transaction_id uuid, original_baseline_microdollars_used bigint, description text, is_free boolean,
    created_at bigint)
  where exists (select from owner)
)
select total_microdollars_acquired from owner`;

const OF_USER = statementOf('kilocode_users');
const OF_ORGANIZATION = statementOf(
  'organizations',
  ', microdollars_balance = owner.microdollars_balance + ($4::bigint - $2::bigint)',
);
