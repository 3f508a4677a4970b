import { beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase } from '../test-database.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const words = (text: string): readonly string[] => text.split(/\s+/);

const lookups =
  words(`http_user_agent http_ip vercel_ip_country vercel_ip_city ja4_digest system_prompt_prefix
  finish_reason editor_name feature mode auto_model`);

// The contract with the host application and with everybody who reads its database, written down apart from the schema.
// `!` is not null, `=` has a default, `ts` is a timestamp with time zone.
const contract: Readonly<Record<string, string>> = {
  kilocode_users: `id text!, google_user_email text!, google_user_name text!, google_user_image_url text!,
    created_at ts!=, updated_at ts!=, hosted_domain text, microdollars_used bigint!=, kilo_pass_threshold bigint,
    stripe_customer_id text!, is_admin boolean!=, total_microdollars_acquired bigint!=, next_credit_expiration_at ts,
    has_validation_stytch boolean, has_validation_novel_card_with_hold boolean!=, blocked_reason text,
    api_token_pepper text, auto_top_up_enabled boolean!=, is_bot boolean!=, default_model text, cohorts jsonb!=,
    completed_welcome_form boolean!=, linkedin_url text, github_url text, openrouter_upstream_safety_identifier text`,
  organizations: `id uuid!=, name text!, created_at ts!=, updated_at ts!=, microdollars_used bigint!=,
    microdollars_balance bigint!=, total_microdollars_acquired bigint!=, next_credit_expiration_at ts,
    stripe_customer_id text, auto_top_up_enabled boolean!=, settings jsonb!=, seat_count integer!=,
    require_seats boolean!=, created_by_kilo_user_id text, deleted_at ts, sso_domain text, plan text!=,
    free_trial_end_at ts, company_domain text`,
  organization_memberships: `id uuid!=, organization_id uuid!, kilo_user_id text!, role text!, joined_at ts!=,
    invited_by text, updated_at ts!=, created_at ts!=`,
  organization_user_limits: `id uuid!=, organization_id uuid!, kilo_user_id text!, limit_type text!,
    microdollar_limit bigint!, created_at ts!=, updated_at ts!=`,
  organization_user_usage: `id uuid!=, organization_id uuid!, kilo_user_id text!, usage_date date!, limit_type text!,
    microdollar_usage bigint!=, created_at ts!=, updated_at ts!=`,
  microdollar_usage: `id uuid!=, kilo_user_id text!, cost bigint!, input_tokens bigint!, output_tokens bigint!,
    cache_write_tokens bigint!, cache_hit_tokens bigint!, created_at ts!=, provider text, model text,
    requested_model text, cache_discount bigint, has_error boolean!=, abuse_classification smallint!=,
    organization_id uuid, inference_provider text, project_id text`,
  microdollar_usage_metadata: `id uuid!, created_at ts, message_id text!, http_user_agent_id integer,
    http_ip_id integer, vercel_ip_city_id integer, vercel_ip_country_id integer, vercel_ip_latitude real,
    vercel_ip_longitude real, ja4_digest_id integer, user_prompt_prefix text, system_prompt_prefix_id integer,
    system_prompt_length integer, max_tokens bigint, has_middle_out_transform boolean, status_code smallint,
    upstream_id text, finish_reason_id integer, latency real, moderation_latency real, generation_time real,
    is_byok boolean, is_user_byok boolean, streamed boolean, cancelled boolean, editor_name_id integer,
    has_tools boolean, machine_id text, feature_id integer, session_id text, mode_id integer, auto_model_id integer,
    market_cost bigint`,
  ...Object.fromEntries(lookups.map((kind) => [kind, `${kind}_id integer!=, ${kind} text!`])),
  free_model_usage: 'id uuid!=, ip_address text!, model text!, kilo_user_id text, created_at ts!=',
  api_request_log: `id bigint!=, created_at ts!=, kilo_user_id text, organization_id text, provider text, model text,
    status_code integer, request jsonb, response text`,
  byok_api_keys: `id uuid!=, organization_id uuid, kilo_user_id text, provider_id text!, encrypted_api_key jsonb!,
    is_enabled boolean!=, created_at ts!=, updated_at ts!=, created_by text!`,
  custom_llm: `public_id text!, display_name text!, context_length integer!, max_completion_tokens integer!,
    internal_id text!, provider text!, base_url text!, api_key text!, verbosity text, organization_ids jsonb!,
    reasoning_effort text, included_tools jsonb, excluded_tools jsonb, supports_image_input boolean,
    force_reasoning boolean, opencode_settings jsonb, extra_body jsonb, interleaved_format text`,
  temp_phase: 'key text!, created_at ts!=, value text!',
  models_by_provider: 'id integer!=, data jsonb!, openrouter jsonb, vercel jsonb',
  credit_transactions: `id uuid!=, kilo_user_id text!, amount_microdollars bigint!,
    expiration_baseline_microdollars_used bigint, original_baseline_microdollars_used bigint, is_free boolean!,
    description text, original_transaction_id uuid, stripe_payment_id text, coinbase_credit_block_id text,
    credit_category text, expiry_date ts, created_at ts!=, organization_id uuid, check_category_uniqueness boolean!=`,
  kilo_pass_subscriptions: `id uuid!=, kilo_user_id text!, stripe_subscription_id text!, tier text!, cadence text!,
    status text!, cancel_at_period_end boolean!=, started_at ts, ended_at ts, current_streak_months integer!=,
    next_yearly_issue_at ts, created_at ts!=, updated_at ts!=`,
  kilo_pass_issuances: `id uuid!=, kilo_pass_subscription_id uuid!, issue_month date!, source text!,
    stripe_invoice_id text, created_at ts!=, updated_at ts!=`,
  kilo_pass_issuance_items: `id uuid!=, kilo_pass_issuance_id uuid!, kind text!, credit_transaction_id uuid!,
    amount_usd numeric(12,2)!, bonus_percent_applied numeric(6,4), created_at ts!=, updated_at ts!=`,
  kilo_pass_audit_log: `id uuid!=, created_at ts!=, kilo_user_id text, kilo_pass_subscription_id uuid, action text!,
    result text!, idempotency_key text, stripe_event_id text, stripe_invoice_id text, stripe_subscription_id text,
    related_credit_transaction_id uuid, related_monthly_issuance_id uuid, payload_json jsonb!=`,
  auto_top_up_configs: `id uuid!=, owned_by_user_id text, owned_by_organization_id uuid, created_by_user_id text,
    stripe_payment_method_id text!, amount_cents integer!=, last_auto_top_up_at ts, attempt_started_at ts,
    disabled_reason text, created_at ts!=, updated_at ts!=`,
  payment_methods: `id uuid!=, stripe_fingerprint text, user_id text!, stripe_id text!, created_at ts!=,
    updated_at ts!=, eligible_for_free_credits boolean!=, deleted_at ts, stripe_data jsonb, type text,
    organization_id uuid`,
  cli_sessions_v2: `session_id text!, kilo_user_id text!, version integer!=, title text, public_id uuid,
    parent_session_id text, organization_id uuid, cloud_agent_session_id text, created_on_platform text!=,
    git_url text, git_branch text, created_at ts!=, updated_at ts!=`,
};

const view = `id, kilo_user_id, cost, input_tokens, output_tokens, cache_write_tokens, cache_hit_tokens, created_at,
  provider, model, requested_model, cache_discount, has_error, abuse_classification, organization_id,
  inference_provider, project_id, message_id, http_x_forwarded_for, http_x_vercel_ip_city, http_x_vercel_ip_country,
  http_x_vercel_ip_latitude, http_x_vercel_ip_longitude, http_x_vercel_ja4_digest, user_prompt_prefix,
  system_prompt_prefix, system_prompt_length, http_user_agent, max_tokens, has_middle_out_transform, status_code,
  upstream_id, finish_reason, latency, moderation_latency, generation_time, is_byok, is_user_byok, streamed, cancelled,
  editor_name, has_tools, machine_id, feature, session_id, mode, auto_model, market_cost`;

const listed = (columns: string): readonly string[] =>
  columns.split(/,\s+/).toSorted((a, b) => a.localeCompare(b));

const Table = z.object({ name: z.string(), columns: z.string() });
async function columnsOf(kind: 'r' | 'v'): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = `select c.relname as name, string_agg(a.attname || case when c.relkind = 'v' then '' else
      ' ' || replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'ts') ||
      case when a.attnotnull then '!' else '' end || case when a.atthasdef then '=' else '' end end, ', ') as columns
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = $1 and a.attnum > 0 and not a.attisdropped
    group by 1`;
  const tables = await ask(url, { text, values: [kind] }, Table);
  return new Map(tables.map(({ name, columns }) => [name, listed(columns)]));
}

test.each(Object.entries(contract))(
  '%s has the columns of the contract',
  async (table, columns) => {
    expect((await columnsOf('r')).get(table)).toEqual(listed(columns));
  },
);

test('there is no table beyond the contract', async () => {
  const tables = [...(await columnsOf('r')).keys()];
  expect(new Set(tables)).toEqual(new Set(Object.keys(contract)));
});

test('the usage view has the columns that dashboards read', async () => {
  expect((await columnsOf('v')).get('microdollar_usage_view')).toEqual(listed(view));
});

const indexes = words(`idx_created_at idx_abuse_classification idx_kilo_user_id_created_at2
  idx_microdollar_usage_organization_id idx_microdollar_usage_metadata_created_at idx_free_model_usage_ip_created_at
  idx_free_model_usage_created_at idx_api_request_log_created_at IDX_temp_phase_created_at
  UQ_b1afacbcf43f2c7c4cb9f7e7faa UQ_organization_memberships_org_user UQ_organization_user_limits_org_user
  UQ_organization_user_daily_usage_org_user_date UQ_kilocode_users_openrouter_upstream_safety_identifier`);

test.each([...indexes, ...lookups.map((kind) => `UQ_${kind}`)])(
  'the index %s has the name that it is known by',
  async (name) => {
    const text = `select from pg_indexes where schemaname = 'public' and indexname = $1`;
    expect(await ask(url, { text, values: [name] }, z.unknown())).toHaveLength(1);
  },
);

const user = (id: string) =>
  `insert into kilocode_users (id, google_user_email, google_user_name, google_user_image_url, stripe_customer_id, blocked_reason)
   values ('${id}', '${id}', '', '', '', `;
const subscription = (tier: string, streak: number) =>
  `insert into kilo_pass_subscriptions (kilo_user_id, stripe_subscription_id, tier, cadence, status, current_streak_months)
   values ('owner', gen_random_uuid()::text, '${tier}', 'monthly', 'active', ${streak})`;
const ownKey = (owners: string) =>
  `insert into byok_api_keys (kilo_user_id, organization_id, provider_id, encrypted_api_key, created_by)
   values (${owners}, 'openai', '{}', 'owner')`;
const topUp = (owners: string) =>
  `insert into auto_top_up_configs (owned_by_user_id, owned_by_organization_id, stripe_payment_method_id) values (${owners}, 'pm')`;
const organization = `'11111111-1111-4111-8111-111111111111'`;

test.each([
  ['a user blocked for no reason', `${user('blank')} '')`, 'blocked_reason_not_empty'],
  ['an organisation without a name', `insert into organizations (name) values (' ')`, null],
  ['a key that nobody owns', ownKey('null, null'), 'byok_api_keys_owner_check'],
  ['a key that two own', ownKey(`'owner', ${organization}`), 'byok_api_keys_owner_check'],
  ['a top-up that nobody owns', topUp('null, null'), null],
  ['a top-up that two own', topUp(`'owner', ${organization}`), null],
  ['a Kilo Pass of an unknown tier', subscription('tier_0', 0), null],
  ['a Kilo Pass with a negative streak', subscription('tier_19', -1), null],
])('%s cannot be stored', async (_name, text, constraint) => {
  const broken = ask(url, { text }, z.unknown());
  const isNamed = constraint !== null && { constraint };
  await expect(broken).rejects.toMatchObject({ code: '23514', ...isNamed });
});
