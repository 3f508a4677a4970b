import { z } from 'zod';
import type { Database } from '../database.ts';
import { inTransaction } from '../in-transaction.ts';
import type { SessionRowKey } from './session-rows.ts';

const Row = z.object({ session_id: z.string() });

/** A session and what descends from it, up to ten generations. Empty where there is no such session. */
export async function sessionFamily(
  database: Database,
  key: SessionRowKey,
): Promise<readonly string[]> {
  const rows = await database.rows({ text: FAMILY, values: valuesOf(key) }, Row);
  return rows.map((row) => row.session_id);
}

/**
 * Deletes rows of one user. First the ties to them are cut, also those of deeper descendants and of rings: the table refuses to
 * lose a row that another one names. Repeating it is harmless.
 */
export async function deleteSessions(
  database: Database,
  user: string,
  sessions: readonly string[],
): Promise<void> {
  const values = [user, sessions];
  await inTransaction(database, async () => {
    await database.rows({ text: UNTIE, values }, z.unknown());
    await database.rows({ text: DELETE, values }, z.unknown());
  });
}

const valuesOf = ({ session_id, kilo_user_id }: SessionRowKey) => [session_id, kilo_user_id];

/** The path ends a ring: `union` would not, as each turn of it has another path. */
const FAMILY = `
with recursive family (session_id, path) as (
  select session_id, array[session_id] from cli_sessions_v2 where session_id = $1 and kilo_user_id = $2
  union all
  select child.session_id, family.path || child.session_id
  from cli_sessions_v2 child join family on child.parent_session_id = family.session_id
  where child.kilo_user_id = $2 and not child.session_id = any(family.path) and cardinality(family.path) < 10)
select distinct session_id from family`;

const UNTIE = `
update cli_sessions_v2 set parent_session_id = null, updated_at = now()
where kilo_user_id = $1 and parent_session_id is not null
  and (session_id = any($2::text[]) or parent_session_id = any($2::text[]))`;

const DELETE =
  'delete from cli_sessions_v2 where kilo_user_id = $1 and session_id = any($2::text[])';
