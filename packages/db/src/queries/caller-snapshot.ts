import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';

const timestamp = z.coerce.date().nullable();

const Membership = z.object({
  id: OrganizationId,
  /** Null: not a member. */
  role: z.enum(['owner', 'member', 'billing_manager']).nullable(),
  total_microdollars_acquired: MicroUsd,
  microdollars_used: MicroUsd,
  settings: z.looseObject({}),
  require_seats: z.boolean(),
  plan: z.string(),
  auto_top_up_enabled: z.boolean(),
  next_credit_expiration_at: timestamp,
  /** A day's allowance of this member. Null: none is set; 0 allows nothing. */
  microdollar_limit: MicroUsd.nullable(),
  /** Used of it today. */
  microdollar_usage: MicroUsd,
});

const Snapshot = z.object({
  id: UserId,
  google_user_email: z.string(),
  api_token_pepper: z.string().nullable(),
  blocked_reason: z.string().nullable(),
  is_admin: z.boolean(),
  microdollars_used: MicroUsd,
  total_microdollars_acquired: MicroUsd,
  next_credit_expiration_at: timestamp,
  updated_at: z.coerce.date(),
  auto_top_up_enabled: z.boolean(),
  organization: Membership.nullable(),
});
export type CallerSnapshot = z.infer<typeof Snapshot>;

/**
 * All that identity, funds and policy decide on, in one question. Null where there is no such user. An organisation that
 * does not exist is null too; one that the user is no member of has no role.
 */
export async function callerSnapshot(
  database: Database,
  caller: { readonly user: UserId; readonly organization: OrganizationId | null },
): Promise<CallerSnapshot | null> {
  const [snapshot = null] = await database.rows(
    { text: STATEMENT, values: [caller.user, caller.organization] },
    Snapshot,
  );
  return snapshot;
}

const STATEMENT = `
select u.id, u.google_user_email, u.api_token_pepper, u.blocked_reason, u.is_admin, u.microdollars_used,
  u.total_microdollars_acquired, u.next_credit_expiration_at, u.updated_at, u.auto_top_up_enabled,
  case when o.id is null then null else json_build_object(
    'id', o.id, 'role', m.role, 'total_microdollars_acquired', o.total_microdollars_acquired,
    'microdollars_used', o.microdollars_used, 'settings', o.settings, 'require_seats', o.require_seats, 'plan', o.plan,
    'auto_top_up_enabled', o.auto_top_up_enabled, 'next_credit_expiration_at', o.next_credit_expiration_at,
    'microdollar_limit', l.microdollar_limit, 'microdollar_usage', coalesce(d.microdollar_usage, 0)) end as organization
from kilocode_users u
left join organizations o on o.id = $2::uuid
left join organization_memberships m on m.organization_id = o.id and m.kilo_user_id = u.id
left join organization_user_limits l
  on l.organization_id = o.id and l.kilo_user_id = u.id and l.limit_type = 'daily'
left join organization_user_usage d
  on d.organization_id = o.id and d.kilo_user_id = u.id and d.limit_type = 'daily'
    and d.usage_date = (now() at time zone 'UTC')::date
where u.id = $1`;
