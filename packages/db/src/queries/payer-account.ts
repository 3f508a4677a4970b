import type { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';

const PayerAccount = z.object({
  microdollars_used: MicroUsd,
  total_microdollars_acquired: MicroUsd,
  /** Of the member who asks: null where a user pays, or where seats are paid for instead. */
  member: z
    .object({
      /** In UTC. */
      day: z.iso.date(),
      microdollar_usage: MicroUsd,
      /** Null: none is set; 0 allows nothing. */
      microdollar_limit: MicroUsd.nullable(),
    })
    .nullable(),
});
export type PayerAccount = z.infer<typeof PayerAccount>;

/** What a payer has, at this moment. Null where there is no such payer. */
export async function payerAccount(
  database: Database,
  payer: { readonly user: UserId; readonly organization: OrganizationId | null },
): Promise<PayerAccount | null> {
  const query =
    payer.organization === null
      ? { text: OF_USER, values: [payer.user] }
      : { text: OF_ORGANIZATION, values: [payer.user, payer.organization] };
  const [account = null] = await database.rows(query, PayerAccount);
  return account;
}

const OF_USER = `
select microdollars_used, total_microdollars_acquired, null as member from kilocode_users where id = $1`;

const OF_ORGANIZATION = `
select o.microdollars_used, o.total_microdollars_acquired,
  case when not o.require_seats then json_build_object(
    'day', (now() at time zone 'UTC')::date, 'microdollar_usage', coalesce(d.microdollar_usage, 0),
    'microdollar_limit', l.microdollar_limit) end as member
from organizations o
left join organization_user_limits l
  on l.organization_id = o.id and l.kilo_user_id = $1 and l.limit_type = 'daily'
left join organization_user_usage d
  on d.organization_id = o.id and d.kilo_user_id = $1 and d.limit_type = 'daily'
    and d.usage_date = (now() at time zone 'UTC')::date
where o.id = $2::uuid`;
