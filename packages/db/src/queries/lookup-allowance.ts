import { z } from 'zod';
import type { Database } from '../database.ts';

/**
 * Headers are a client's own words, and every new word is a row for ever. A caller adds so many in an hour; beyond, what is
 * new is not kept, and what others have added still is.
 */
const ADDITIONS_IN_AN_HOUR_MAX = 20;

const Row = z.object({ caller: z.string(), added: z.number() });

/** How many of the new values that each caller brings may be added. Counted here, where every writer sees it. */
export async function lookupAllowance(
  database: Database,
  wanted: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const input = [...wanted].map(([caller, count]) => ({ caller, count }));
  const rows = await database.rows({ text: STATEMENT, values: [JSON.stringify(input)] }, Row);
  return new Map(
    rows.map(({ caller, added }) => {
      const count = wanted.get(caller) ?? 0;
      const left = ADDITIONS_IN_AN_HOUR_MAX - (added - count);
      return [caller, Math.max(0, Math.min(count, left))];
    }),
  );
}

/** Sorted, so that two writers can't deadlock. What is over is swept as new ones come: the table holds about an hour. */
const STATEMENT = `
with input as materialized (
  select caller, count from jsonb_to_recordset($1::jsonb) as wanted(caller text, count int)
),
swept as (
  delete from gateway.lookup_additions where caller in (
    select caller from gateway.lookup_additions
    where since < now() - interval '1 hour' and caller not in (select caller from input)
    limit 100 for update skip locked)
)
insert into gateway.lookup_additions as known (caller, since, added)
select caller, now(), count from input order by caller
on conflict (caller) do update set
  since = case when known.since < now() - interval '1 hour' then now() else known.since end,
  added = case when known.since < now() - interval '1 hour' then 0 else least(known.added, 1000000) end + excluded.added
returning caller, added`;
