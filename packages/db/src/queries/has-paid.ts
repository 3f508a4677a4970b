import type { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Database } from '../database.ts';

const Answer = z.object({ has_paid: z.boolean() });

/** Whether the user has ever bought credits, for whomever. What a Kilo Pass gave was not bought as credits. */
export async function hasPaid(database: Database, user: UserId): Promise<boolean> {
  const text = `
select exists (
  select from credit_transactions paid
  where paid.kilo_user_id = $1 and not paid.is_free and paid.amount_microdollars > 0
    and not exists (select from kilo_pass_issuance_items item where item.credit_transaction_id = paid.id)
) as has_paid`;
  const [answer] = await database.rows({ text, values: [user] }, Answer);
  return answer?.has_paid ?? false;
}
