import type { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Database } from '../database.ts';

const ReportedUser = z.object({ email: z.string(), has_payment_method: z.boolean() });
export type ReportedUser = z.infer<typeof ReportedUser>;

/** What analytics are told of a user. Null where there is none. */
export async function reportedUser(database: Database, user: UserId): Promise<ReportedUser | null> {
  const text = `
select google_user_email as email, exists (
  select from payment_methods method where method.user_id = u.id and method.deleted_at is null
) as has_payment_method
from kilocode_users u where u.id = $1`;
  const [found = null] = await database.rows({ text, values: [user] }, ReportedUser);
  return found;
}
