import { OrganizationId, type UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';

const Profile = z.object({
  name: z.string(),
  email: z.string(),
  image: z.string(),
  /** That the user is a member of, by name. */
  organizations: z.array(
    z.object({ id: OrganizationId, name: z.string(), role: z.string(), balance: MicroUsd }),
  ),
});
export type AccountProfile = z.infer<typeof Profile>;

/** What a client shows of its user. Null where there is no such user. */
export async function accountProfile(
  database: Database,
  user: UserId,
): Promise<AccountProfile | null> {
  const text = `
select u.google_user_name as name, u.google_user_email as email, u.google_user_image_url as image,
  coalesce(of_user.organizations, '[]') as organizations
from kilocode_users u
left join lateral (
  select json_agg(json_build_object('id', o.id, 'name', o.name, 'role', m.role,
    'balance', o.total_microdollars_acquired - o.microdollars_used) order by o.name, o.id) as organizations
  from organization_memberships m join organizations o on o.id = m.organization_id
  where m.kilo_user_id = u.id and o.deleted_at is null
) of_user on true
where u.id = $1`;
  const [profile = null] = await database.rows({ text, values: [user] }, Profile);
  return profile;
}
