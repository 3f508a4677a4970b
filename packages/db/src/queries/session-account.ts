import type { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Database } from '../database.ts';

const Account = z.object({
  api_token_pepper: z.string().nullable(),
  blocked_reason: z.string().nullable(),
});

/** What a token's holder is checked against. Null where there is no such user. */
export async function sessionAccount(
  database: Database,
  user: UserId,
): Promise<z.infer<typeof Account> | null> {
  const text = 'select api_token_pepper, blocked_reason from kilocode_users where id = $1';
  const [account = null] = await database.rows({ text, values: [user] }, Account);
  return account;
}
