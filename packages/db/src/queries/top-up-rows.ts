import { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { CreditOwner } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';

const Account = z.object({
  isEnabled: z.boolean(),
  balance: MicroUsd,
  /** Null: Stripe does not know this owner. */
  customer: z.string().nullable(),
});
export type TopUpAccount = z.infer<typeof Account>;

const Config = z.object({
  id: z.uuid(),
  paymentMethod: z.string(),
  amountCents: z.int(),
});
export type TopUpConfig = z.infer<typeof Config>;

/** One attempt to buy. It is named by the time at which it began: whoever comes with the same time continues it. */
export type TopUpAttempt = { readonly owner: CreditOwner; readonly startedAt: Instant };

const OWNERS = { user: 'kilocode_users', organization: 'organizations' } as const;
const COLUMNS = { user: 'owned_by_user_id', organization: 'owned_by_organization_id' } as const;
/** Nothing is bought for who could not use it. */
const MAY_SPEND = { user: 'blocked_reason is null', organization: 'deleted_at is null' } as const;
const STARTED_AT = 'to_timestamp($2::bigint / 1000.0)';

/** An attempt that is older was given up by whoever began it. */
const ATTEMPT_SECONDS_MAX = 7_200;

export async function topUpAccount(
  database: Database,
  { kind, id }: CreditOwner,
): Promise<TopUpAccount | null> {
  const text = `select auto_top_up_enabled and ${MAY_SPEND[kind]} as "isEnabled", total_microdollars_acquired - microdollars_used as balance,
      nullif(stripe_customer_id, '') as customer
    from ${OWNERS[kind]} where id = $1`;
  const [account = null] = await database.rows({ text, values: [id] }, Account);
  return account;
}

/** One attempt at a time has the config of an owner. Null: another one has it, or there is none. */
export async function takeConfig(
  database: Database,
  { owner, startedAt }: TopUpAttempt,
): Promise<TopUpConfig | null> {
  const text = `update auto_top_up_configs set attempt_started_at = ${STARTED_AT}, updated_at = now()
    where ${COLUMNS[owner.kind]} = $1 and (attempt_started_at is null or attempt_started_at = ${STARTED_AT}
      or attempt_started_at < ${STARTED_AT} - make_interval(secs => ${ATTEMPT_SECONDS_MAX}))
    returning id, stripe_payment_method_id as "paymentMethod", amount_cents as "amountCents"`;
  const [config = null] = await database.rows({ text, values: [owner.id, startedAt] }, Config);
  return config;
}

export async function hasConfig(database: Database, { kind, id }: CreditOwner): Promise<boolean> {
  const text = `select id from auto_top_up_configs where ${COLUMNS[kind]} = $1`;
  return (await database.rows({ text, values: [id] }, z.unknown())).length > 0;
}

/** Lets the next attempt begin, unless it has begun already. */
export async function releaseConfig(
  database: Database,
  { owner, startedAt }: TopUpAttempt,
): Promise<void> {
  const text = `update auto_top_up_configs set attempt_started_at = null, updated_at = now()
    where ${COLUMNS[owner.kind]} = $1 and attempt_started_at = ${STARTED_AT}`;
  await database.rows({ text, values: [owner.id, startedAt] }, z.unknown());
}

const Recipient = z.object({ email: z.string() });

/** Turns it off. Who is to be told of it: nobody where it was off already. */
export async function turnOffTopUp(
  database: Database,
  { kind, id }: CreditOwner,
  reason: string,
): Promise<readonly string[]> {
  const text = `
with owner as (
  update ${OWNERS[kind]} set auto_top_up_enabled = false, updated_at = now()
  where id = $1 and auto_top_up_enabled returning id
),
config as (
  update auto_top_up_configs set disabled_reason = $2, updated_at = now() where ${COLUMNS[kind]} = $1
)
${RECIPIENTS[kind]}`;
  const recipients = await database.rows({ text, values: [id, reason] }, Recipient);
  return recipients.map(({ email }) => email);
}

const RECIPIENTS = {
  user: `select google_user_email as email from kilocode_users where id in (select id from owner)`,
  organization: `select google_user_email as email from organization_memberships m
    join kilocode_users u on u.id = m.kilo_user_id
    where m.role = 'owner' and m.organization_id in (select id from owner) order by email`,
} as const;
