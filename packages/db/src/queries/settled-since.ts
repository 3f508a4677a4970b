import { ExchangeId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Database } from '../database.ts';

const SettledRow = z.object({
  id: ExchangeId,
  kilo_user_id: z.string(),
  organization_id: z.string().nullable(),
  cost: MicroUsd,
  market_cost: MicroUsd.nullable(),
  created_at: z.coerce.date(),
  attempts: z.array(
    z.object({
      n: z.number(),
      provider: z.string(),
      ending: z.string(),
      generation_id: z.string().nullable(),
      upstream_cost: MicroUsd.nullable(),
    }),
  ),
});
export type SettledRow = z.infer<typeof SettledRow>;

const ROWS_MAX = 1_000;

/** Exchanges as Postgres has them, with their attempts, oldest first: at most a thousand of those behind `after`. */
export function settledSince(
  database: Database,
  since: Instant,
  after: { readonly at: Date; readonly id: string } | null,
): Promise<readonly SettledRow[]> {
  const from = after?.at ?? new Date(since);
  const values = [from.toISOString(), after?.id ?? '00000000-0000-0000-0000-000000000000'];
  return database.rows({ text: `${STATEMENT} limit ${ROWS_MAX}`, values }, SettledRow);
}

// Times have microseconds in Postgres and milliseconds here: compared as they are kept here, no row is read twice.
const STATEMENT = `
select usage.id, usage.kilo_user_id, usage.organization_id, usage.cost, usage.created_at, metadata.market_cost,
  coalesce(made.attempts, '[]') as attempts
from microdollar_usage usage
left join microdollar_usage_metadata metadata on metadata.id = usage.id
left join lateral (
  select json_agg(json_build_object('n', n, 'provider', provider, 'ending', ending, 'generation_id', generation_id,
    'upstream_cost', upstream_cost) order by n) as attempts
  from gateway.attempts where usage_id = usage.id
) made on true
where (date_trunc('milliseconds', usage.created_at), usage.id) > ($1::timestamptz, $2::uuid)
order by date_trunc('milliseconds', usage.created_at), usage.id`;

const StrayAttempt = z.object({ usage_id: z.string(), n: z.number() });

/** Attempts whose exchange has no row: money may have been spent on them. */
export const strayAttempts = (
  database: Database,
  since: Instant,
): Promise<readonly z.infer<typeof StrayAttempt>[]> =>
  database.rows(
    {
      text: `select usage_id, n from gateway.attempts attempt where created_at >= $1
        and not exists (select from microdollar_usage usage where usage.id = attempt.usage_id) order by 1, 2 limit ${ROWS_MAX}`,
      values: [new Date(since).toISOString()],
    },
    StrayAttempt,
  );
