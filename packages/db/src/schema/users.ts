import { sql } from 'drizzle-orm';
import { boolean, check, jsonb, pgTable, text, uniqueIndex, unique } from 'drizzle-orm/pg-core';
import { amount, createdAt, instant, updatedAt } from './columns.ts';

export const kilocode_users = pgTable(
  'kilocode_users',
  {
    id: text().primaryKey(),
    google_user_email: text().notNull(),
    google_user_name: text().notNull(),
    google_user_image_url: text().notNull(),
    created_at: createdAt(),
    updated_at: updatedAt(),
    hosted_domain: text(),
    microdollars_used: amount().notNull().default(0),
    kilo_pass_threshold: amount(),
    stripe_customer_id: text().notNull(),
    is_admin: boolean().notNull().default(false),
    total_microdollars_acquired: amount().notNull().default(0),
    next_credit_expiration_at: instant(),
    has_validation_stytch: boolean(),
    has_validation_novel_card_with_hold: boolean().notNull().default(false),
    blocked_reason: text(),
    api_token_pepper: text(),
    auto_top_up_enabled: boolean().notNull().default(false),
    is_bot: boolean().notNull().default(false),
    default_model: text(),
    cohorts: jsonb().notNull().default({}),
    completed_welcome_form: boolean().notNull().default(false),
    linkedin_url: text(),
    github_url: text(),
    openrouter_upstream_safety_identifier: text(),
  },
  (table) => [
    unique('UQ_b1afacbcf43f2c7c4cb9f7e7faa').on(table.google_user_email),
    check('blocked_reason_not_empty', sql`length(${table.blocked_reason}) > 0`),
    uniqueIndex('UQ_kilocode_users_openrouter_upstream_safety_identifier')
      .on(table.openrouter_upstream_safety_identifier)
      .where(sql`${table.openrouter_upstream_safety_identifier} is not null`),
  ],
);
