import { z } from 'zod';
import type { Database } from '../database.ts';
import { storableText } from '../sanitize.ts';
import { sessionExists, type SessionRowKey } from './session-rows.ts';

/** An absent field stays as it is; a null clears. */
export type SessionChange = {
  readonly title?: string | null;
  readonly parent_session_id?: string | null;
  readonly created_on_platform?: string | null;
  readonly organization_id?: string | null;
  readonly git_url?: string | null;
  readonly git_branch?: string | null;
};
export type SessionUpdateOutcome = 'updated' | 'session-not-found' | 'parent-not-found';

const FOREIGN_KEY_VIOLATION = '23503';

/** Writes what a client has told of a session. An organisation counts only for its members. */
export async function updateSession(
  database: Database,
  key: SessionRowKey,
  change: SessionChange,
): Promise<SessionUpdateOutcome> {
  const stored = Object.fromEntries(
    Object.entries(change).map(([column, value]) => [column, storableText(value ?? null)]),
  );
  const { parent_session_id: parent } = stored;
  if (parent && !(await sessionExists(database, { ...key, session_id: parent }))) {
    return 'parent-not-found';
  }
  try {
    const values = [key.session_id, key.kilo_user_id, JSON.stringify(stored)];
    const rows = await database.rows({ text: STATEMENT, values }, z.unknown());
    return rows.length > 0 ? 'updated' : 'session-not-found';
  } catch (cause) {
    // The parent was deleted between the two statements.
    if (isForeignKeyViolation(cause)) return 'parent-not-found';
    throw cause;
  }
}

const isForeignKeyViolation = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === FOREIGN_KEY_VIOLATION;

const given = (column: string): string =>
  `${column} = case when $3::jsonb ? '${column}' then $3::jsonb->>'${column}' else s.${column} end`;

const STATEMENT = `
update cli_sessions_v2 s set
  ${['title', 'parent_session_id', 'git_url', 'git_branch'].map(given).join(',\n  ')},
  created_on_platform = coalesce($3::jsonb->>'created_on_platform', s.created_on_platform),
  organization_id = coalesce((
    select m.organization_id from organization_memberships m join organizations o on o.id = m.organization_id
    where m.kilo_user_id = $2 and m.organization_id = ($3::jsonb->>'organization_id')::uuid), s.organization_id),
  updated_at = now()
where s.session_id = $1 and s.kilo_user_id = $2
returning 1`;
