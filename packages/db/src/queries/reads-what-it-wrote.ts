import { z } from 'zod';
import type { Database } from '../database.ts';

const Row = z.object({ beat: z.number() });
/** The same text each time, and nothing in it that changes by itself: a cache would take it. */
const READ = `select beat from gateway.heartbeats where name = 'deployment'`;
const WRITE = `
insert into gateway.heartbeats as known (name, beat) values ('deployment', 1)
on conflict (name) do update set beat = known.beat + 1
returning beat`;

/**
 * Whether a read tells what has just been written. It is read before, too: what stands between may have kept that answer.
 * Beats only grow, so that others who look at the same time do no harm.
 */
export async function readsWhatItWrote(database: Database): Promise<boolean> {
  await database.rows({ text: READ, values: [] }, Row);
  const [written] = await database.rows({ text: WRITE, values: [] }, Row);
  const [read] = await database.rows({ text: READ, values: [] }, Row);
  return written !== undefined && read !== undefined && read.beat >= written.beat;
}
