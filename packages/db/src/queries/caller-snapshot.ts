import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Database } from '../database.ts';

const timestamp = z.coerce.date().nullable();

const KNOWN_ROLES = ['owner', 'member', 'billing_manager'] as const;

const Membership = z.object({
  id: OrganizationId,
  /** Null: not a member. The host application may add roles: one that this code does not know is a member's. */
  role: z
    .string()
    .transform((role) => KNOWN_ROLES.find((known) => known === role) ?? 'member')
    .nullable(),
  total_microdollars_acquired: MicroUsd,
  microdollars_used: MicroUsd,
  settings: z.looseObject({}),
  require_seats: z.boolean(),
  plan: z.string(),
  auto_top_up_enabled: z.boolean(),
  next_credit_expiration_at: timestamp,
  /** A day's allowance of this member. Null: none is set; 0 allows nothing. */
  microdollar_limit: MicroUsd.nullable(),
  /** Used of it today. */
  microdollar_usage: MicroUsd,
});

const OwnKey = z.object({
  id: z.string(),
  provider_id: z.string(),
  /** `{iv, data, authTag}`, if it is well. Not checked here: one bad row must not take the whole caller with it. */
  encrypted_api_key: z.unknown(),
});
export type OwnKey = z.infer<typeof OwnKey>;

const CustomLlm = z.object({
  public_id: z.string(),
  display_name: z.string(),
  context_length: z.number(),
  max_completion_tokens: z.number(),
  internal_id: z.string(),
  provider: z.string(),
  base_url: z.string(),
  api_key: z.string(),
  supports_image_input: z.boolean().nullable(),
  // Columns that come and go with the host application's versions: null where there is none.
  verbosity: z.string().nullable(),
  reasoning_effort: z.string().nullable(),
  force_reasoning: z.boolean().nullable(),
  interleaved_format: z.string().nullable(),
  opencode_settings: z.unknown(),
  extra_body: z.unknown(),
});
export type CustomLlm = z.infer<typeof CustomLlm>;

/** Drops rows of an unexpected shape: one odd row must not refuse every request of its owner. */
const wellFormed = <T>(row: z.ZodType<T>) =>
  z.array(z.unknown()).transform((rows) =>
    rows.flatMap((value) => {
      const parsed = row.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    }),
  );

const Snapshot = z.object({
  id: UserId,
  google_user_email: z.string(),
  api_token_pepper: z.string().nullable(),
  blocked_reason: z.string().nullable(),
  is_admin: z.boolean(),
  microdollars_used: MicroUsd,
  total_microdollars_acquired: MicroUsd,
  next_credit_expiration_at: timestamp,
  updated_at: z.coerce.date(),
  auto_top_up_enabled: z.boolean(),
  kilo_pass_threshold: MicroUsd.nullable(),
  organization: Membership.nullable(),
  /** Of the organisation where one is named, never of its member. Oldest first. */
  ownKeys: wellFormed(OwnKey),
  /** What the organisation has besides the public models. */
  customLlms: wellFormed(CustomLlm),
});
export type CallerSnapshot = z.infer<typeof Snapshot>;

/**
 * All that identity, funds and policy decide on, in one question. Null where there is no such user. An organisation that
 * does not exist is null too; one that the user is no member of has no role. Keys and custom models of an organisation are
 * only for who may spend for it.
 */
export async function callerSnapshot(
  database: Database,
  caller: { readonly user: UserId; readonly organization: OrganizationId | null },
): Promise<CallerSnapshot | null> {
  const [snapshot = null] = await database.rows(
    { text: STATEMENT, values: [caller.user, caller.organization] },
    Snapshot,
  );
  return snapshot;
}

/** A column that is named must exist; a key of a row need not. */
const OPTIONAL_LLM_COLUMNS = [
  'verbosity',
  'reasoning_effort',
  'force_reasoning',
  'interleaved_format',
  'opencode_settings',
  'extra_body',
];

const STATEMENT = `
select u.id, u.google_user_email, u.api_token_pepper, u.blocked_reason, u.is_admin, u.microdollars_used,
  u.total_microdollars_acquired, u.next_credit_expiration_at, u.updated_at, u.auto_top_up_enabled, u.kilo_pass_threshold,
  coalesce(own.keys, '[]') as "ownKeys", coalesce(custom.llms, '[]') as "customLlms",
  case when o.id is null then null else json_build_object(
    'id', o.id, 'role', m.role, 'total_microdollars_acquired', o.total_microdollars_acquired,
    'microdollars_used', o.microdollars_used, 'settings', o.settings, 'require_seats', o.require_seats, 'plan', o.plan,
    'auto_top_up_enabled', o.auto_top_up_enabled, 'next_credit_expiration_at', o.next_credit_expiration_at,
    'microdollar_limit', l.microdollar_limit, 'microdollar_usage', coalesce(d.microdollar_usage, 0)) end as organization
from kilocode_users u
left join organizations o on o.id = $2::uuid
left join organization_memberships m on m.organization_id = o.id and m.kilo_user_id = u.id
left join organization_user_limits l
  on l.organization_id = o.id and l.kilo_user_id = u.id and l.limit_type = 'daily'
left join organization_user_usage d
  on d.organization_id = o.id and d.kilo_user_id = u.id and d.limit_type = 'daily'
    and d.usage_date = (now() at time zone 'UTC')::date
left join lateral (
  select json_agg(json_build_object(
    'id', key.id, 'provider_id', key.provider_id, 'encrypted_api_key', key.encrypted_api_key)
    order by key.created_at, key.id) as keys
  from byok_api_keys key
  where key.is_enabled and (
    ($2::uuid is null and key.kilo_user_id = u.id) or
    (m.role <> 'billing_manager' and key.organization_id = o.id))
) own on true
left join lateral (
  select json_agg(json_build_object(
    'public_id', llm.public_id, 'display_name', llm.display_name, 'context_length', llm.context_length,
    'max_completion_tokens', llm.max_completion_tokens, 'internal_id', llm.internal_id, 'provider', llm.provider,
    'base_url', llm.base_url, 'api_key', llm.api_key, 'supports_image_input', llm.supports_image_input,
    ${OPTIONAL_LLM_COLUMNS.map((column) => `'${column}', to_jsonb(llm) -> '${column}'`).join(', ')}) order by llm.public_id) as llms
  from custom_llm llm
  where m.role <> 'billing_manager' and llm.organization_ids @> to_jsonb(o.id::text)
) custom on true
where u.id = $1`;
