import type { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Database } from '../database.ts';
import type { GivenKind, Issuance } from './kilo-pass-rows.ts';
import type { Subscription } from '../kilo-pass/subscription.ts';

type Skipped = {
  readonly user: UserId;
  readonly subscription: Subscription;
  readonly issuance: Issuance;
  readonly given: GivenKind;
};

export async function auditSkippedBonus(database: Database, skipped: Skipped): Promise<void> {
  const { user, subscription, issuance, given } = skipped;
  const reason = given === 'bonus' ? 'issuance_item_already_exists' : 'existing_promo_item';
  const text = `insert into kilo_pass_audit_log
      (kilo_user_id, kilo_pass_subscription_id, related_monthly_issuance_id, action, result, payload_json)
    values ($1, $2, $3, 'bonus_credits_skipped_idempotent', 'skipped_idempotent', $4)`;
  const values = [user, subscription.id, issuance.id, JSON.stringify({ reason })];
  await database.rows({ text, values }, z.unknown());
}

/** Written once for each key: what fails again and again fills no table. */
export async function auditFailedBonus(
  database: Database,
  failed: { readonly user: UserId; readonly key: string; readonly error: string },
): Promise<void> {
  const text = `insert into kilo_pass_audit_log (kilo_user_id, action, result, idempotency_key, payload_json)
    select id, 'bonus_credits_issued', 'failed', $2, $3::jsonb from kilocode_users
    where id = $1 and not exists (select from kilo_pass_audit_log where idempotency_key = $2)`;
  const payload = { source: 'usage_threshold', error: failed.error };
  const values = [failed.user, failed.key, JSON.stringify(payload)];
  await database.rows({ text, values }, z.unknown());
}
