import type { UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { Month } from '../kilo-pass/months.ts';
import { Subscription } from '../kilo-pass/subscription.ts';
import { millisecondsOf } from './credit-account.ts';

const Holder = z.object({ used: MicroUsd, threshold: MicroUsd.nullable() });
const ItemKind = z.enum(['base', 'bonus', 'promo_first_month_50pct']);
export type ItemKind = z.infer<typeof ItemKind>;
export type GivenKind = Exclude<ItemKind, 'base'>;
const Issuance = z.object({ id: z.uuid(), month: Month, kinds: z.array(ItemKind) });
export type Issuance = z.infer<typeof Issuance>;

/** The user's row is the lock of everything that is issued to them. */
export async function lockHolder(
  database: Database,
  user: UserId,
): Promise<z.infer<typeof Holder> | null> {
  const text = `select microdollars_used as used, kilo_pass_threshold as threshold
    from kilocode_users where id = $1 for update`;
  const [holder = null] = await database.rows({ text, values: [user] }, Holder);
  return holder;
}

/** A date that no calendar has is none. */
const instantOf = (column: string): string =>
  `case when isfinite(${column}) then ${millisecondsOf(column)} end`;

export async function subscriptionsOf(
  database: Database,
  user: UserId,
): Promise<readonly Subscription[]> {
  const text = `select id, tier, cadence, status, cancel_at_period_end, ${instantOf('started_at')} as started_at,
      ${millisecondsOf('created_at')} as created_at, current_streak_months,
      ${instantOf('next_yearly_issue_at')} as next_yearly_issue_at
    from kilo_pass_subscriptions where kilo_user_id = $1 order by created_at, id`;
  return database.rows({ text, values: [user] }, Subscription);
}

/** @param month Null: the newest. */
export async function issuanceOf(
  database: Database,
  subscription: Subscription,
  month: Month | null,
): Promise<Issuance | null> {
  const text = `select issuance.id, issuance.issue_month::text as month, array(
      select kind from kilo_pass_issuance_items item where item.kilo_pass_issuance_id = issuance.id) as kinds
    from kilo_pass_issuances issuance
    where kilo_pass_subscription_id = $1 and ($2::date is null or issue_month = $2)
    order by issue_month desc limit 1`;
  const [issuance = null] = await database.rows(
    { text, values: [subscription.id, month] },
    Issuance,
  );
  return issuance;
}

/** Waits for whoever is issuing it. What they have issued meanwhile is seen only by a question of its own. */
export async function lockIssuance(
  database: Database,
  { id }: Issuance,
): Promise<readonly ItemKind[]> {
  const lock = 'select id from kilo_pass_issuances where id = $1 for update';
  await database.rows({ text: lock, values: [id] }, z.unknown());
  const text = 'select kind from kilo_pass_issuance_items where kilo_pass_issuance_id = $1';
  const items = await database.rows({ text, values: [id] }, z.object({ kind: ItemKind }));
  return items.map(({ kind }) => kind);
}

export async function clearThreshold(database: Database, user: UserId): Promise<void> {
  const text =
    'update kilocode_users set kilo_pass_threshold = null, updated_at = now() where id = $1';
  await database.rows({ text, values: [user] }, z.unknown());
}
