import { eq, getTableColumns, sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  pgView,
  real,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { amount, createdAt, instant, randomId } from './columns.ts';
import {
  auto_model,
  editor_name,
  feature,
  finish_reason,
  http_ip,
  http_user_agent,
  ja4_digest,
  mode,
  system_prompt_prefix,
  vercel_ip_city,
  vercel_ip_country,
} from './lookups.ts';

export const microdollar_usage = pgTable(
  'microdollar_usage',
  {
    id: randomId(),
    kilo_user_id: text().notNull(),
    cost: amount().notNull(),
    input_tokens: amount().notNull(),
    output_tokens: amount().notNull(),
    cache_write_tokens: amount().notNull(),
    cache_hit_tokens: amount().notNull(),
    created_at: createdAt(),
    provider: text(),
    model: text(),
    requested_model: text(),
    cache_discount: amount(),
    has_error: boolean().notNull().default(false),
    abuse_classification: smallint().notNull().default(0),
    organization_id: uuid(),
    inference_provider: text(),
    project_id: text(),
  },
  (table) => [
    index('idx_created_at').on(table.created_at),
    index('idx_abuse_classification').on(table.abuse_classification),
    index('idx_kilo_user_id_created_at2').on(table.kilo_user_id, table.created_at),
    index('idx_microdollar_usage_organization_id')
      .on(table.organization_id)
      .where(sql`${table.organization_id} is not null`),
  ],
);

export const microdollar_usage_metadata = pgTable(
  'microdollar_usage_metadata',
  {
    /** The usage row's id. No default, no foreign key: both rows are written by one statement. */
    id: uuid().primaryKey(),
    created_at: instant(),
    message_id: text().notNull(),
    http_user_agent_id: integer().references(() => http_user_agent.http_user_agent_id),
    http_ip_id: integer().references(() => http_ip.http_ip_id),
    vercel_ip_city_id: integer().references(() => vercel_ip_city.vercel_ip_city_id),
    vercel_ip_country_id: integer().references(() => vercel_ip_country.vercel_ip_country_id),
    vercel_ip_latitude: real(),
    vercel_ip_longitude: real(),
    ja4_digest_id: integer().references(() => ja4_digest.ja4_digest_id),
    user_prompt_prefix: text(),
    system_prompt_prefix_id: integer().references(
      () => system_prompt_prefix.system_prompt_prefix_id,
    ),
    system_prompt_length: integer(),
    max_tokens: amount(),
    has_middle_out_transform: boolean(),
    status_code: smallint(),
    upstream_id: text(),
    finish_reason_id: integer(),
    latency: real(),
    moderation_latency: real(),
    generation_time: real(),
    is_byok: boolean(),
    is_user_byok: boolean(),
    streamed: boolean(),
    cancelled: boolean(),
    editor_name_id: integer(),
    has_tools: boolean(),
    machine_id: text(),
    feature_id: integer(),
    session_id: text(),
    mode_id: integer(),
    auto_model_id: integer(),
    market_cost: amount(),
  },
  (table) => [index('idx_microdollar_usage_metadata_created_at').on(table.created_at)],
);

/** Usage with its metadata and the words behind the ids, under the names that dashboards read. */
export const microdollar_usage_view = pgView('microdollar_usage_view').as((query) => {
  const metadata = microdollar_usage_metadata;
  return query
    .select({
      ...getTableColumns(microdollar_usage),
      message_id: metadata.message_id,
      http_x_forwarded_for: sql<string | null>`${http_ip.http_ip}`.as('http_x_forwarded_for'),
      http_x_vercel_ip_city: sql<string | null>`${vercel_ip_city.vercel_ip_city}`.as(
        'http_x_vercel_ip_city',
      ),
      http_x_vercel_ip_country: sql<string | null>`${vercel_ip_country.vercel_ip_country}`.as(
        'http_x_vercel_ip_country',
      ),
      http_x_vercel_ip_latitude: sql<number | null>`${metadata.vercel_ip_latitude}`.as(
        'http_x_vercel_ip_latitude',
      ),
      http_x_vercel_ip_longitude: sql<number | null>`${metadata.vercel_ip_longitude}`.as(
        'http_x_vercel_ip_longitude',
      ),
      http_x_vercel_ja4_digest: sql<string | null>`${ja4_digest.ja4_digest}`.as(
        'http_x_vercel_ja4_digest',
      ),
      user_prompt_prefix: metadata.user_prompt_prefix,
      system_prompt_prefix: system_prompt_prefix.system_prompt_prefix,
      system_prompt_length: metadata.system_prompt_length,
      http_user_agent: http_user_agent.http_user_agent,
      max_tokens: metadata.max_tokens,
      has_middle_out_transform: metadata.has_middle_out_transform,
      status_code: metadata.status_code,
      upstream_id: metadata.upstream_id,
      finish_reason: finish_reason.finish_reason,
      latency: metadata.latency,
      moderation_latency: metadata.moderation_latency,
      generation_time: metadata.generation_time,
      is_byok: metadata.is_byok,
      is_user_byok: metadata.is_user_byok,
      streamed: metadata.streamed,
      cancelled: metadata.cancelled,
      editor_name: editor_name.editor_name,
      has_tools: metadata.has_tools,
      machine_id: metadata.machine_id,
      feature: feature.feature,
      session_id: metadata.session_id,
      mode: mode.mode,
      auto_model: auto_model.auto_model,
      market_cost: metadata.market_cost,
    })
    .from(microdollar_usage)
    .leftJoin(metadata, eq(metadata.id, microdollar_usage.id))
    .leftJoin(http_ip, eq(http_ip.http_ip_id, metadata.http_ip_id))
    .leftJoin(vercel_ip_city, eq(vercel_ip_city.vercel_ip_city_id, metadata.vercel_ip_city_id))
    .leftJoin(
      vercel_ip_country,
      eq(vercel_ip_country.vercel_ip_country_id, metadata.vercel_ip_country_id),
    )
    .leftJoin(ja4_digest, eq(ja4_digest.ja4_digest_id, metadata.ja4_digest_id))
    .leftJoin(
      system_prompt_prefix,
      eq(system_prompt_prefix.system_prompt_prefix_id, metadata.system_prompt_prefix_id),
    )
    .leftJoin(http_user_agent, eq(http_user_agent.http_user_agent_id, metadata.http_user_agent_id))
    .leftJoin(finish_reason, eq(finish_reason.finish_reason_id, metadata.finish_reason_id))
    .leftJoin(editor_name, eq(editor_name.editor_name_id, metadata.editor_name_id))
    .leftJoin(feature, eq(feature.feature_id, metadata.feature_id))
    .leftJoin(mode, eq(mode.mode_id, metadata.mode_id))
    .leftJoin(auto_model, eq(auto_model.auto_model_id, metadata.auto_model_id));
});

export const free_model_usage = pgTable(
  'free_model_usage',
  {
    id: randomId(),
    ip_address: text().notNull(),
    model: text().notNull(),
    kilo_user_id: text(),
    created_at: createdAt(),
  },
  (table) => [
    index('idx_free_model_usage_ip_created_at').on(table.ip_address, table.created_at),
    index('idx_free_model_usage_created_at').on(table.created_at),
  ],
);

export const api_request_log = pgTable(
  'api_request_log',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    created_at: createdAt(),
    kilo_user_id: text(),
    /** Text here, a UUID elsewhere: as the table has always been. */
    organization_id: text(),
    provider: text(),
    model: text(),
    status_code: integer(),
    request: jsonb(),
    response: text(),
  },
  (table) => [index('idx_api_request_log_created_at').on(table.created_at)],
);
