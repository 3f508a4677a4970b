import { z } from 'zod';
import type { Database } from '../database.ts';

export type SessionRowKey = { readonly kilo_user_id: string; readonly session_id: string };

export async function sessionExists(database: Database, key: SessionRowKey): Promise<boolean> {
  const text = 'select 1 from cli_sessions_v2 where session_id = $1 and kilo_user_id = $2';
  const rows = await database.rows({ text, values: valuesOf(key) }, z.unknown());
  return rows.length > 0;
}

/** A row that is there stays as it is. */
export async function createSession(database: Database, key: SessionRowKey): Promise<void> {
  const text = `
insert into cli_sessions_v2 (session_id, kilo_user_id) values ($1, $2) on conflict do nothing`;
  await database.rows({ text, values: valuesOf(key) }, z.unknown());
}

export type CloudAgentSession = SessionRowKey & {
  readonly cloud_agent_session_id: string;
  readonly organization_id: string | null;
  readonly created_on_platform: string;
};

/** Creates a row, or ties the one that is there to the cloud agent. An organisation is set, never taken away. */
export async function upsertCloudAgentSession(
  database: Database,
  session: CloudAgentSession,
): Promise<void> {
  const text = `
insert into cli_sessions_v2
  (session_id, kilo_user_id, cloud_agent_session_id, organization_id, created_on_platform)
values ($1, $2, $3, $4, $5)
on conflict (session_id, kilo_user_id) do update set
  cloud_agent_session_id = excluded.cloud_agent_session_id,
  organization_id = coalesce(excluded.organization_id, cli_sessions_v2.organization_id), updated_at = now()`;
  const { cloud_agent_session_id, organization_id, created_on_platform } = session;
  const values = [
    ...valuesOf(session),
    cloud_agent_session_id,
    organization_id,
    created_on_platform,
  ];
  await database.rows({ text, values }, z.unknown());
}

const valuesOf = ({ session_id, kilo_user_id }: SessionRowKey) => [session_id, kilo_user_id];
