import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  serial,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { createdAt, randomId, updatedAt } from './columns.ts';
import { organizations } from './organizations.ts';
import { kilocode_users } from './users.ts';

export const byok_api_keys = pgTable(
  'byok_api_keys',
  {
    id: randomId(),
    organization_id: uuid().references(() => organizations.id, { onDelete: 'cascade' }),
    kilo_user_id: text().references(() => kilocode_users.id, { onDelete: 'cascade' }),
    provider_id: text().notNull(),
    encrypted_api_key: jsonb().notNull(),
    is_enabled: boolean().notNull().default(true),
    created_at: createdAt(),
    updated_at: updatedAt(),
    created_by: text().notNull(),
  },
  (table) => [
    unique('UQ_byok_api_keys_org_provider').on(table.organization_id, table.provider_id),
    unique('UQ_byok_api_keys_user_provider').on(table.kilo_user_id, table.provider_id),
    index('IDX_byok_api_keys_organization_id').on(table.organization_id),
    index('IDX_byok_api_keys_kilo_user_id').on(table.kilo_user_id),
    index('IDX_byok_api_keys_provider_id').on(table.provider_id),
    check(
      'byok_api_keys_owner_check',
      sql`(${table.kilo_user_id} is not null) <> (${table.organization_id} is not null)`,
    ),
  ],
);

export const custom_llm = pgTable('custom_llm', {
  public_id: text().primaryKey(),
  display_name: text().notNull(),
  context_length: integer().notNull(),
  max_completion_tokens: integer().notNull(),
  internal_id: text().notNull(),
  provider: text().notNull(),
  base_url: text().notNull(),
  api_key: text().notNull(),
  verbosity: text(),
  organization_ids: jsonb().notNull(),
  reasoning_effort: text(),
  included_tools: jsonb(),
  excluded_tools: jsonb(),
  supports_image_input: boolean(),
  force_reasoning: boolean(),
  opencode_settings: jsonb(),
  extra_body: jsonb(),
  interleaved_format: text(),
});

export const temp_phase = pgTable(
  'temp_phase',
  { key: text().primaryKey(), created_at: createdAt(), value: text().notNull() },
  (table) => [index('IDX_temp_phase_created_at').on(table.created_at)],
);

export const models_by_provider = pgTable('models_by_provider', {
  id: serial().primaryKey(),
  data: jsonb().notNull(),
  openrouter: jsonb(),
  vercel: jsonb(),
});
