import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Database } from '../database.ts';

export type FreeModelUse = {
  readonly id: string;
  readonly ip_address: string;
  readonly model: string;
  readonly kilo_user_id: string | null;
  readonly created_at: Instant;
};

/** Writing a use twice is harmless. */
export async function recordFreeModelUse(
  database: Database,
  uses: readonly FreeModelUse[],
): Promise<void> {
  const rows = uses.map((use) => ({ ...use, created_at: new Date(use.created_at).toISOString() }));
  const text = `
insert into free_model_usage (id, ip_address, model, kilo_user_id, created_at)
select id, ip_address, model, kilo_user_id, created_at from jsonb_to_recordset($1::jsonb) as use(
  id uuid, ip_address text, model text, kilo_user_id text, created_at timestamptz)
on conflict (id) do nothing`;
  await database.rows({ text, values: [JSON.stringify(rows)] }, z.unknown());
}
