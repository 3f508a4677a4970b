import { z } from 'zod';
import type { Database } from '../database.ts';
import type { UsageRecord } from '../usage-record.ts';

/** One statement can't be longer for the lock it holds to stay short. */
export const EXCHANGES_MAX = 100;

const Landing = z.object({
  id: z.string(),
  /** `raced`: somebody else is writing it this moment. Ask again. */
  landed: z.enum(['inserted', 'corrected', 'unchanged', 'raced']),
  /** After it, where the user's balance changed. */
  microdollars_used: z.number().nullable(),
  kilo_pass_threshold: z.number().nullable(),
  had_usage_before: z.boolean(),
});
export type Landing = z.infer<typeof Landing>;

/**
 * The one statement that moves money. Rows, balances and daily usage change together or not at all, and only for ids that
 * it really wrote: settling again what is settled changes nothing, and settling it with another cost applies the difference.
 */
export function settleExchanges(
  database: Database,
  records: readonly UsageRecord[],
): Promise<readonly Landing[]> {
  return database.rows({ text: STATEMENT, values: [JSON.stringify(records)] }, Landing);
}

const USAGE_COLUMNS = `id, kilo_user_id, cost, input_tokens, output_tokens, cache_write_tokens, cache_hit_tokens,
    created_at, provider, model, requested_model, cache_discount, has_error, organization_id, inference_provider, project_id`;
const METADATA_COLUMNS = `id, created_at, message_id, http_user_agent_id, http_ip_id, vercel_ip_city_id,
    vercel_ip_country_id, vercel_ip_latitude, vercel_ip_longitude, ja4_digest_id, user_prompt_prefix,
    system_prompt_prefix_id, system_prompt_length, max_tokens, has_middle_out_transform, status_code, upstream_id,
    finish_reason_id, latency, moderation_latency, generation_time, is_byok, is_user_byok, streamed, cancelled,
    editor_name_id, has_tools, machine_id, feature_id, session_id, mode_id, auto_model_id, market_cost`;

const STATEMENT = `
with input as materialized (
  select * from jsonb_to_recordset($1::jsonb) as record(
    id uuid, kilo_user_id text, cost bigint, input_tokens bigint, output_tokens bigint, cache_write_tokens bigint,
    cache_hit_tokens bigint, created_at timestamptz, provider text, model text, requested_model text,
    cache_discount bigint, has_error boolean, organization_id uuid, inference_provider text, project_id text,
    message_id text, http_user_agent_id int, http_ip_id int, vercel_ip_city_id int, vercel_ip_country_id int,
    vercel_ip_latitude real, vercel_ip_longitude real, ja4_digest_id int, user_prompt_prefix text,
    system_prompt_prefix_id int, system_prompt_length int, max_tokens bigint, has_middle_out_transform boolean,
    status_code smallint, upstream_id text, finish_reason_id int, latency real, moderation_latency real,
    generation_time real, is_byok boolean, is_user_byok boolean, streamed boolean, cancelled boolean,
    editor_name_id int, has_tools boolean, machine_id text, feature_id int, session_id text, mode_id int,
    auto_model_id int, market_cost bigint, attempts jsonb)
),
before as materialized (
  select usage.id, usage.cost from microdollar_usage usage
  where usage.id in (select id from input) order by usage.id for update
),
known as materialized (
  select distinct kilo_user_id,
    exists (select from microdollar_usage usage where usage.kilo_user_id = input.kilo_user_id) as had_usage_before
  from input
),
inserted as (
  insert into microdollar_usage (${USAGE_COLUMNS})
  select ${USAGE_COLUMNS} from input order by id
  on conflict (id) do nothing returning id
),
corrected as (
  update microdollar_usage usage
  set cost = input.cost, input_tokens = input.input_tokens, output_tokens = input.output_tokens,
    cache_hit_tokens = input.cache_hit_tokens, cache_discount = input.cache_discount, has_error = input.has_error,
    inference_provider = input.inference_provider
  from input join before on before.id = input.id
  where usage.id = input.id and before.cost <> input.cost
  returning usage.id, input.cost - before.cost as difference
),
corrected_metadata as (
  update microdollar_usage_metadata metadata
  set market_cost = input.market_cost, upstream_id = input.upstream_id, latency = input.latency,
    moderation_latency = input.moderation_latency, generation_time = input.generation_time,
    finish_reason_id = input.finish_reason_id, is_byok = input.is_byok, cancelled = input.cancelled
  from input where metadata.id = input.id and input.id in (select id from corrected)
),
metadata as (
  insert into microdollar_usage_metadata (${METADATA_COLUMNS})
  select ${METADATA_COLUMNS} from input where id in (select id from inserted)
  on conflict (id) do nothing
),
attempt as (
  insert into gateway.attempts (usage_id, n, provider, status, ending, first_byte_ms, generation_id, upstream_cost, created_at)
  select input.id, n, made.provider, status, ending, first_byte_ms, generation_id, upstream_cost, input.created_at
  from input, jsonb_to_recordset(input.attempts) as made(
    n smallint, provider text, status smallint, ending text, first_byte_ms int, generation_id text, upstream_cost bigint)
  on conflict (usage_id, n) do update
  set upstream_cost = coalesce(excluded.upstream_cost, attempts.upstream_cost), ending = excluded.ending
),
change as materialized (
  select input.id, kilo_user_id, organization_id, created_at, cost as difference
  from input join inserted on inserted.id = input.id
  union all
  select input.id, kilo_user_id, organization_id, created_at, difference
  from input join corrected on corrected.id = input.id
),
locked_users as materialized (
  select id from kilocode_users
  where id in (select kilo_user_id from change where organization_id is null)
  order by id for no key update
),
paid as (
  update kilocode_users payer set microdollars_used = payer.microdollars_used + spent.amount
  from (
    select kilo_user_id, sum(difference)::bigint as amount from change
    where organization_id is null group by kilo_user_id
  ) spent
  where payer.id = spent.kilo_user_id and spent.amount <> 0 and payer.id in (select id from locked_users)
  returning payer.id, payer.microdollars_used, payer.kilo_pass_threshold
),
locked_organizations as materialized (
  select id from organizations where id in (select organization_id from change) order by id for no key update
),
organization_paid as (
  update organizations payer
  set microdollars_used = payer.microdollars_used + spent.amount,
    microdollars_balance = payer.microdollars_balance - spent.amount, updated_at = now()
  from (
    select organization_id, sum(difference)::bigint as amount from change
    where organization_id is not null group by organization_id
  ) spent
  where payer.id = spent.organization_id and payer.id in (select id from locked_organizations)
),
daily as (
  insert into organization_user_usage (organization_id, kilo_user_id, usage_date, limit_type, microdollar_usage)
  select organization_id, kilo_user_id, (created_at at time zone 'UTC')::date, 'daily', sum(difference)::bigint
  from change where organization_id is not null
  group by 1, 2, 3 order by 1, 2, 3
  on conflict (organization_id, kilo_user_id, limit_type, usage_date) do update
  set microdollar_usage = organization_user_usage.microdollar_usage + excluded.microdollar_usage, updated_at = now()
)
select input.id,
  case when inserted.id is not null then 'inserted' when corrected.id is not null then 'corrected'
    when before.id is not null then 'unchanged' else 'raced' end as landed,
  paid.microdollars_used, paid.kilo_pass_threshold, known.had_usage_before
from input
join known on known.kilo_user_id = input.kilo_user_id
left join inserted on inserted.id = input.id
left join corrected on corrected.id = input.id
left join before on before.id = input.id
left join paid on paid.id = input.kilo_user_id and input.organization_id is null`;
