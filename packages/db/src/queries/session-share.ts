import { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Database } from '../database.ts';
import type { SessionRowKey } from './session-rows.ts';

const Shared = z.object({ public_id: z.string() });
const Owned = z.object({ session_id: z.string(), kilo_user_id: UserId });

/** The public id of a session: the one that it has, or `candidate`. Two that ask at once get the same. Null: no such session. */
export async function shareSession(
  database: Database,
  key: SessionRowKey,
  candidate: string,
): Promise<string | null> {
  const text = `
update cli_sessions_v2 set public_id = coalesce(public_id, $3::uuid), updated_at = now()
where session_id = $1 and kilo_user_id = $2 returning public_id`;
  const values = [key.session_id, key.kilo_user_id, candidate];
  const [row] = await database.rows({ text, values }, Shared);
  return row?.public_id ?? null;
}

/** False: no such session. */
export async function unshareSession(database: Database, key: SessionRowKey): Promise<boolean> {
  const text = `
update cli_sessions_v2 set public_id = null, updated_at = now()
where session_id = $1 and kilo_user_id = $2 returning 1`;
  const rows = await database.rows(
    { text, values: [key.session_id, key.kilo_user_id] },
    z.unknown(),
  );
  return rows.length > 0;
}

/** The session that was shared under this id. Null where there is none, or where its owner is blocked. */
export async function sharedSession(
  database: Database,
  publicId: string,
): Promise<z.infer<typeof Owned> | null> {
  const text = `
select session_id, kilo_user_id from cli_sessions_v2
join kilocode_users on kilocode_users.id = kilo_user_id
where public_id = $1::uuid and blocked_reason is null`;
  const [row = null] = await database.rows({ text, values: [publicId] }, Owned);
  return row;
}

/** Takes a public id away, whoever owns the session. False: no session has it. */
export async function revokeShare(database: Database, publicId: string): Promise<boolean> {
  const text = `
update cli_sessions_v2 set public_id = null, updated_at = now() where public_id = $1::uuid returning 1`;
  const rows = await database.rows({ text, values: [publicId] }, z.unknown());
  return rows.length > 0;
}
