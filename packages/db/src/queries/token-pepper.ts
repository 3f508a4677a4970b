import type { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Database } from '../database.ts';

const Pepper = z.object({ api_token_pepper: z.string().nullable() });

/** What a token of this user must carry. Undefined where there is no such user. */
export async function tokenPepper(
  database: Database,
  user: UserId,
): Promise<string | null | undefined> {
  const text = 'select api_token_pepper from kilocode_users where id = $1';
  const [row] = await database.rows({ text, values: [user] }, Pepper);
  return row?.api_token_pepper;
}
