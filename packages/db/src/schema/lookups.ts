import { pgTable, serial, text, uniqueIndex } from 'drizzle-orm/pg-core';

// Values that repeat from row to row, each stored once: `<name>_id` and `<name>`. Written out, one by one, because the
// names of tables and columns are the contract that other readers of the database rely on.

export const http_user_agent = pgTable(
  'http_user_agent',
  { http_user_agent_id: serial().primaryKey(), http_user_agent: text().notNull() },
  (table) => [uniqueIndex('UQ_http_user_agent').on(table.http_user_agent)],
);

export const http_ip = pgTable(
  'http_ip',
  { http_ip_id: serial().primaryKey(), http_ip: text().notNull() },
  (table) => [uniqueIndex('UQ_http_ip').on(table.http_ip)],
);

export const vercel_ip_country = pgTable(
  'vercel_ip_country',
  { vercel_ip_country_id: serial().primaryKey(), vercel_ip_country: text().notNull() },
  (table) => [uniqueIndex('UQ_vercel_ip_country').on(table.vercel_ip_country)],
);

export const vercel_ip_city = pgTable(
  'vercel_ip_city',
  { vercel_ip_city_id: serial().primaryKey(), vercel_ip_city: text().notNull() },
  (table) => [uniqueIndex('UQ_vercel_ip_city').on(table.vercel_ip_city)],
);

export const ja4_digest = pgTable(
  'ja4_digest',
  { ja4_digest_id: serial().primaryKey(), ja4_digest: text().notNull() },
  (table) => [uniqueIndex('UQ_ja4_digest').on(table.ja4_digest)],
);

export const system_prompt_prefix = pgTable(
  'system_prompt_prefix',
  { system_prompt_prefix_id: serial().primaryKey(), system_prompt_prefix: text().notNull() },
  (table) => [uniqueIndex('UQ_system_prompt_prefix').on(table.system_prompt_prefix)],
);

export const finish_reason = pgTable(
  'finish_reason',
  { finish_reason_id: serial().primaryKey(), finish_reason: text().notNull() },
  (table) => [uniqueIndex('UQ_finish_reason').on(table.finish_reason)],
);

export const editor_name = pgTable(
  'editor_name',
  { editor_name_id: serial().primaryKey(), editor_name: text().notNull() },
  (table) => [uniqueIndex('UQ_editor_name').on(table.editor_name)],
);

export const feature = pgTable(
  'feature',
  { feature_id: serial().primaryKey(), feature: text().notNull() },
  (table) => [uniqueIndex('UQ_feature').on(table.feature)],
);

export const mode = pgTable(
  'mode',
  { mode_id: serial().primaryKey(), mode: text().notNull() },
  (table) => [uniqueIndex('UQ_mode').on(table.mode)],
);

export const auto_model = pgTable(
  'auto_model',
  { auto_model_id: serial().primaryKey(), auto_model: text().notNull() },
  (table) => [uniqueIndex('UQ_auto_model').on(table.auto_model)],
);
