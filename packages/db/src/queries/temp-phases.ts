import { z } from 'zod';
import type { Database } from '../database.ts';

const Phase = z.object({ key: z.string(), value: z.string() });
type Phase = z.infer<typeof Phase>;

/** By key, of those that are known. */
export async function recallPhases(
  database: Database,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const text = 'select key, value from temp_phase where key = any($1::text[])';
  const rows = await database.rows({ text, values: [keys] }, Phase);
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/** The first that was remembered under a key stays: the same text, told again, has the same phase. */
export async function rememberPhase(database: Database, { key, value }: Phase): Promise<void> {
  const text = 'insert into temp_phase (key, value) values ($1, $2) on conflict (key) do nothing';
  await database.rows({ text, values: [key, value] }, z.unknown());
}
