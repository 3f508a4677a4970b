import type { UserId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';
import type { Bonus } from '../kilo-pass/decide-bonus.ts';
import type { Subscription } from '../kilo-pass/subscription.ts';
import type { Issuance } from './kilo-pass-rows.ts';

export const BONUS_CATEGORY = 'kilo-pass-bonus';

type Decided = {
  readonly user: UserId;
  /** All that the user has ever used: from here on these credits are used, and with it they may expire. */
  readonly used: MicroUsd;
  readonly subscription: Subscription;
  readonly issuance: Issuance;
  readonly bonus: Bonus;
};

/** Writes a bonus: the credits, the item that says what they are, the audit, and the user's totals. */
export async function commitBonus(database: Database, decided: Decided): Promise<void> {
  const { user, used, subscription, issuance, bonus } = decided;
  const [baseUsd, bonusUsd] = [bonus.baseCents / 100, bonus.bonusCents / 100];
  const payload = {
    kind: 'bonus',
    baseAmountUsd: baseUsd,
    bonusPercentApplied: bonus.share,
    bonusAmountUsd: bonusUsd,
    creditCategory: BONUS_CATEGORY,
    ...bonus.audit,
  };
  const values = [
    user,
    bonus.amount,
    bonus.description,
    BONUS_CATEGORY,
    bonus.expiresAt,
    used,
    issuance.id,
    bonusUsd,
    bonus.share,
    subscription.id,
    JSON.stringify(payload),
  ];
  await database.rows({ text: STATEMENT, values }, z.unknown());
}

const EXPIRES_AT = 'to_timestamp($5::bigint / 1000.0)';

const STATEMENT = `
with credit as (
  insert into credit_transactions (kilo_user_id, amount_microdollars, description, credit_category, expiry_date,
    expiration_baseline_microdollars_used, original_baseline_microdollars_used, is_free, check_category_uniqueness)
  values ($1, $2::bigint, $3, $4, ${EXPIRES_AT}, case when $5::bigint is not null then $6::bigint end, $6::bigint, true,
    false)
  returning id
),
item as (
  insert into kilo_pass_issuance_items
    (kilo_pass_issuance_id, kind, credit_transaction_id, amount_usd, bonus_percent_applied)
  select $7::uuid, 'bonus', id, $8::numeric, $9::numeric from credit
),
audit as (
  insert into kilo_pass_audit_log (kilo_user_id, kilo_pass_subscription_id, related_credit_transaction_id,
    related_monthly_issuance_id, action, result, payload_json)
  select $1, $10::uuid, id, $7::uuid, 'bonus_credits_issued', 'success', $11::jsonb from credit
)
update kilocode_users
set total_microdollars_acquired = total_microdollars_acquired + $2::bigint,
  next_credit_expiration_at = least(next_credit_expiration_at, ${EXPIRES_AT}),
  kilo_pass_threshold = null, updated_at = now()
where id = $1`;
