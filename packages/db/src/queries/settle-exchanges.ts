import { ExchangeId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { MISSING_MESSAGE_ID, type UsageRecord } from '../usage-record.ts';

/** One statement can't be longer for the lock it holds to stay short. */
export const EXCHANGES_MAX = 100;

const OrganizationPaid = z.object({
  /** After this exchange. */
  microdollars_used: MicroUsd,
  /** The day in UTC on which the exchange counts, and what its member has used on it after this batch. */
  member_day: z.iso.date(),
  member_day_usage: MicroUsd,
  /** What it had acquired and not used, before and after this exchange: over a batch, each balance is crossed once. */
  balance_before: MicroUsd,
  balance_after: MicroUsd,
  /** In dollars, from its settings; null where there is none that can be read. */
  minimum_balance: z.number().nullable().catch(null),
  minimum_balance_alert_email: z.array(z.string()).catch([]),
});

const WriteResult = z.object({
  id: ExchangeId,
  /** `raced`: somebody else is writing it this moment. Ask again. */
  landed: z.enum(['inserted', 'corrected', 'unchanged', 'raced']),
  /** Of the user who paid, after this exchange. Null: an organisation pays, or nobody. */
  microdollars_used: MicroUsd.nullable(),
  kilo_pass_threshold: MicroUsd.nullable(),
  /** Of whoever pays: what was acquired and not used, after this exchange. Null: nobody pays. */
  payer_balance: MicroUsd.nullable(),
  auto_top_up_enabled: z.boolean(),
  /** What its row said before. Null: it was not there. */
  cost_before: MicroUsd.nullable(),
  /** Of the exchanges that are a user's first in one batch, only the earliest has no usage before it. */
  had_usage_before: z.boolean(),
  /** Null: a user's exchange, or an organisation that does not exist. */
  organization: OrganizationPaid.nullable(),
});
export type WriteResult = z.infer<typeof WriteResult>;

/**
 * The one statement that moves money. Rows, balances and daily usage change together or not at all, and only for ids that
 * it really wrote: settling again what is settled changes nothing, and settling it with another cost applies the difference
 * to who paid first. What a later settlement knows fills the row; what it does not know erases nothing.
 * @param records each id once: one that came twice would be inserted once and charged twice.
 * @param lockMsMax how long a locked row is waited for; then it throws, with `55P03`. 0: until the statement's deadline.
 */
export function settleExchanges(
  database: Database,
  records: readonly UsageRecord[],
  lockMsMax = 0,
): Promise<readonly WriteResult[]> {
  const values = [JSON.stringify(records), `${lockMsMax}ms`];
  return database.rows({ name: 'settle-exchanges', text: STATEMENT, values }, WriteResult);
}

/** What a later settlement may set right. Who paid, when and for what request stays. */
const RESULT_COLUMNS =
  `cost, input_tokens, output_tokens, cache_write_tokens, cache_hit_tokens, provider, model,
    cache_discount, has_error, inference_provider`.split(/,\s+/);
const REQUEST_COLUMNS =
  'id, kilo_user_id, created_at, requested_model, organization_id, project_id';
const USAGE_COLUMNS = `${REQUEST_COLUMNS}, ${RESULT_COLUMNS.join(', ')}`;
/** A cost that is not known yet is none, until it is learnt. */
const firstValueOf = (column: string): string =>
  column === 'cost' || column === 'market_cost' ? `coalesce(${column}, 0)` : column;
const FIRST_VALUES = `${REQUEST_COLUMNS}, ${RESULT_COLUMNS.map(firstValueOf).join(', ')}`;

const DETAIL_COLUMNS =
  `http_user_agent_id, http_ip_id, vercel_ip_city_id, vercel_ip_country_id, vercel_ip_latitude,
    vercel_ip_longitude, ja4_digest_id, user_prompt_prefix, system_prompt_prefix_id, system_prompt_length, max_tokens,
    has_middle_out_transform, status_code, upstream_id, finish_reason_id, latency, moderation_latency, generation_time,
    is_byok, is_user_byok, streamed, cancelled, editor_name_id, has_tools, machine_id, feature_id, session_id, mode_id,
    auto_model_id, market_cost`.split(/,\s+/);
const METADATA_COLUMNS = `id, created_at, message_id, ${DETAIL_COLUMNS.join(', ')}`;
const FIRST_METADATA = `id, created_at, message_id, ${DETAIL_COLUMNS.map(firstValueOf).join(', ')}`;

const listOf = (columns: readonly string[], of: (column: string) => string): string =>
  columns.map(of).join(', ');
const resultOf = (column: string): string => `coalesce(input.${column}, before.${column})`;
const detailOf = (column: string): string => `coalesce(input.${column}, metadata.${column})`;
const MESSAGE_ID = `coalesce(nullif(input.message_id, '${MISSING_MESSAGE_ID}'), metadata.message_id)`;

// Postgres runs these parts as they need one another, so that what must come first is asked for: rows of usage, then users,
// then organisations, then their days, each sorted. Two batches, whatever is in them, lock in one order and can't deadlock.
const STATEMENT = `
with input as materialized (
  select record.* from jsonb_to_recordset($1::jsonb) as record(
    id uuid, revision smallint, kilo_user_id text, cost bigint, input_tokens bigint, output_tokens bigint, cache_write_tokens bigint,
    cache_hit_tokens bigint, created_at timestamptz, provider text, model text, requested_model text,
    cache_discount bigint, has_error boolean, organization_id uuid, inference_provider text, project_id text,
    message_id text, http_user_agent_id int, http_ip_id int, vercel_ip_city_id int, vercel_ip_country_id int,
    vercel_ip_latitude real, vercel_ip_longitude real, ja4_digest_id int, user_prompt_prefix text,
    system_prompt_prefix_id int, system_prompt_length int, max_tokens bigint, has_middle_out_transform boolean,
    status_code smallint, upstream_id text, finish_reason_id int, latency real, moderation_latency real,
    generation_time real, is_byok boolean, is_user_byok boolean, streamed boolean, cancelled boolean,
    editor_name_id int, has_tools boolean, machine_id text, feature_id int, session_id text, mode_id int,
    auto_model_id int, market_cost bigint, attempts jsonb)
  -- For this statement alone, and before it locks anything: all that locks reads this first.
  cross join (select set_config('lock_timeout', $2, true)) patience
),
before as materialized (
  select ${USAGE_COLUMNS} from microdollar_usage usage
  where usage.id in (select id from input) order by usage.id for update
),
written as materialized (
  select attempt.usage_id, attempt.revision from gateway.attempts attempt
  where attempt.n = 1 and attempt.usage_id in (select id from before) order by attempt.usage_id for update
),
newer as materialized (
  select input.* from input left join written on written.usage_id = input.id
  where input.revision > 0 and input.revision >= coalesce(written.revision, 0)
),
known as materialized (
  select distinct kilo_user_id,
    exists (select from microdollar_usage usage where usage.kilo_user_id = input.kilo_user_id) as had_usage_before
  from input
),
inserted as (
  insert into microdollar_usage (${USAGE_COLUMNS})
  select ${FIRST_VALUES} from input where id not in (select id from before) order by id
  on conflict (id) do nothing returning id, kilo_user_id, created_at
),
metadata as (
  insert into microdollar_usage_metadata (${METADATA_COLUMNS})
  select ${FIRST_METADATA} from input where id in (select id from inserted)
  on conflict (id) do nothing
),
corrected as (
  update microdollar_usage usage
  set ${listOf(RESULT_COLUMNS, (column) => `${column} = ${resultOf(column)}`)}
  from newer input join before on before.id = input.id
  where usage.id = input.id
    and (${listOf(RESULT_COLUMNS, (column) => `before.${column}`)})
      is distinct from (${listOf(RESULT_COLUMNS, resultOf)})
  returning usage.id, usage.cost - before.cost as difference
),
corrected_metadata as (
  update microdollar_usage_metadata metadata
  set message_id = ${MESSAGE_ID}, ${listOf(DETAIL_COLUMNS, (column) => `${column} = ${detailOf(column)}`)}
  from newer input join before on before.id = input.id
  where metadata.id = input.id
    and (metadata.message_id, ${listOf(DETAIL_COLUMNS, (column) => `metadata.${column}`)})
      is distinct from (${MESSAGE_ID}, ${listOf(DETAIL_COLUMNS, detailOf)})
  returning metadata.id
),
attempt as (
  insert into gateway.attempts (usage_id, n, provider, status, ending, first_byte_ms, generation_id, upstream_cost, is_user_byok, revision, created_at)
  select input.id, n, made.provider, status, ending, first_byte_ms, generation_id, upstream_cost, made.is_user_byok, input.revision, input.created_at
  from input, jsonb_to_recordset(input.attempts) as made(
    n smallint, provider text, status smallint, ending text, first_byte_ms int, generation_id text, upstream_cost bigint,
    is_user_byok boolean)
  order by input.id, n
  on conflict (usage_id, n) do update
  set provider = excluded.provider, status = coalesce(excluded.status, attempts.status), ending = excluded.ending,
    first_byte_ms = coalesce(excluded.first_byte_ms, attempts.first_byte_ms),
    generation_id = coalesce(excluded.generation_id, attempts.generation_id),
    upstream_cost = coalesce(excluded.upstream_cost, attempts.upstream_cost), revision = excluded.revision
  where excluded.revision > attempts.revision
),
change as materialized (
  select input.id, input.kilo_user_id, organization_id, input.created_at, coalesce(cost, 0) as difference
  from input join inserted on inserted.id = input.id
  union all
  select before.id, kilo_user_id, organization_id, created_at, difference
  from before join corrected on corrected.id = before.id where difference <> 0
),
running as materialized (
  select id, organization_id, difference,
    (sum(difference) over payer - sum(difference) over (payer order by created_at, id))::bigint as later
  from change
  window payer as (partition by organization_id, case when organization_id is null then kilo_user_id end)
),
locked_users as materialized (
  select id from kilocode_users
  where id in (select kilo_user_id from change where organization_id is null and difference <> 0)
  order by id for no key update
),
paid as (
  update kilocode_users payer set microdollars_used = payer.microdollars_used + spent.amount
  from (
    select kilo_user_id, sum(difference)::bigint as amount from change
    where organization_id is null and difference <> 0 group by kilo_user_id
  ) spent
  where payer.id = spent.kilo_user_id and payer.id in (select id from locked_users)
  returning payer.id, payer.microdollars_used, payer.kilo_pass_threshold,
    payer.total_microdollars_acquired - payer.microdollars_used as balance
),
locked_organizations as materialized (
  select id from organizations
  where id in (select organization_id from change) and (select count(*) from paid) >= 0
  order by id for no key update
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
  returning payer.id, payer.microdollars_used, payer.total_microdollars_acquired - payer.microdollars_used as balance
),
daily as (
  insert into organization_user_usage (organization_id, kilo_user_id, usage_date, limit_type, microdollar_usage)
  select organization_id, kilo_user_id, (created_at at time zone 'UTC')::date, 'daily', sum(difference)::bigint
  from change where organization_id is not null and (select count(*) from locked_organizations) >= 0
  group by 1, 2, 3 order by 1, 2, 3
  on conflict (organization_id, kilo_user_id, limit_type, usage_date) do update
  set microdollar_usage = organization_user_usage.microdollar_usage + excluded.microdollar_usage, updated_at = now()
  returning organization_id, kilo_user_id, usage_date, microdollar_usage
),
first as materialized (
  select distinct on (kilo_user_id) id from inserted order by kilo_user_id, created_at, id
)
select input.id,
  case when inserted.id is not null then 'inserted'
    when corrected.id is not null or corrected_metadata.id is not null then 'corrected'
    when before.id is not null then 'unchanged' else 'raced' end as landed,
  coalesce(paid.microdollars_used - coalesce(running.later, 0), payer.microdollars_used) as microdollars_used,
  coalesce(paid.kilo_pass_threshold, payer.kilo_pass_threshold) as kilo_pass_threshold,
  coalesce(paid.balance, organization_paid.balance, payer.total_microdollars_acquired - payer.microdollars_used, o.balance)
    + coalesce(running.later, 0) as payer_balance,
  coalesce(payer.auto_top_up_enabled, o.auto_top_up_enabled, false) as auto_top_up_enabled,
  before.cost as cost_before,
  case when inserted.id is not null then known.had_usage_before or first.id is null
    else exists (select from microdollar_usage usage
      where usage.kilo_user_id = input.kilo_user_id and usage.created_at < input.created_at) end as had_usage_before,
  case when o.id is not null then json_build_object(
    'microdollars_used', coalesce(organization_paid.microdollars_used - coalesce(running.later, 0), o.microdollars_used),
    'member_day', stored.day,
    'member_day_usage', coalesce(daily.microdollar_usage, day.microdollar_usage, 0),
    'balance_before', coalesce(organization_paid.balance, o.balance)
      + coalesce(running.later, 0) + coalesce(running.difference, 0),
    'balance_after', coalesce(organization_paid.balance, o.balance) + coalesce(running.later, 0),
    'minimum_balance', o.settings -> 'minimum_balance',
    'minimum_balance_alert_email', o.settings -> 'minimum_balance_alert_email') end as organization
from input
join known on known.kilo_user_id = input.kilo_user_id
left join inserted on inserted.id = input.id
left join first on first.id = input.id
left join corrected on corrected.id = input.id
left join corrected_metadata on corrected_metadata.id = input.id
left join before on before.id = input.id
left join running on running.id = input.id
cross join lateral (
  select coalesce(before.kilo_user_id, input.kilo_user_id) as kilo_user_id,
    case when before.id is null then input.organization_id else before.organization_id end as organization_id,
    (coalesce(before.created_at, input.created_at) at time zone 'UTC')::date as day
) stored
left join kilocode_users payer on payer.id = stored.kilo_user_id and stored.organization_id is null
left join paid on paid.id = payer.id
left join lateral (
  select id, microdollars_used, settings, auto_top_up_enabled,
    total_microdollars_acquired - microdollars_used as balance
  from organizations where id = stored.organization_id
) o on true
left join organization_paid on organization_paid.id = o.id
left join daily on daily.organization_id = o.id and daily.kilo_user_id = stored.kilo_user_id and daily.usage_date = stored.day
left join organization_user_usage day on day.organization_id = o.id and day.kilo_user_id = stored.kilo_user_id
  and day.usage_date = stored.day and day.limit_type = 'daily'`;
