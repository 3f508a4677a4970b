import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { amount, createdAt, instant, randomId, updatedAt } from './columns.ts';

export const organizations = pgTable(
  'organizations',
  {
    id: randomId(),
    name: text().notNull(),
    created_at: createdAt(),
    updated_at: updatedAt(),
    microdollars_used: amount().notNull().default(0),
    /** Mirror of acquired - used, kept for older readers. */
    microdollars_balance: amount().notNull().default(0),
    total_microdollars_acquired: amount().notNull().default(0),
    next_credit_expiration_at: instant(),
    stripe_customer_id: text(),
    auto_top_up_enabled: boolean().notNull().default(false),
    settings: jsonb().notNull().default({}),
    seat_count: integer().notNull().default(0),
    require_seats: boolean().notNull().default(false),
    created_by_kilo_user_id: text(),
    deleted_at: instant(),
    sso_domain: text(),
    plan: text().notNull().default('teams'),
    free_trial_end_at: instant(),
    company_domain: text(),
  },
  (table) => [
    check('organizations_name_not_empty_check', sql`length(trim(${table.name})) > 0`),
    index('IDX_organizations_sso_domain').on(table.sso_domain),
  ],
);

export const organization_memberships = pgTable(
  'organization_memberships',
  {
    id: randomId(),
    organization_id: uuid().notNull(),
    kilo_user_id: text().notNull(),
    role: text().notNull(),
    joined_at: instant().notNull().defaultNow(),
    invited_by: text(),
    updated_at: updatedAt(),
    created_at: createdAt(),
  },
  (table) => [
    unique('UQ_organization_memberships_org_user').on(table.organization_id, table.kilo_user_id),
    index('IDX_organization_memberships_org_id').on(table.organization_id),
    index('IDX_organization_memberships_user_id').on(table.kilo_user_id),
  ],
);

export const organization_user_limits = pgTable(
  'organization_user_limits',
  {
    id: randomId(),
    organization_id: uuid().notNull(),
    kilo_user_id: text().notNull(),
    limit_type: text().notNull(),
    microdollar_limit: amount().notNull(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    unique('UQ_organization_user_limits_org_user').on(
      table.organization_id,
      table.kilo_user_id,
      table.limit_type,
    ),
    index('IDX_organization_user_limits_org_id').on(table.organization_id),
    index('IDX_organization_user_limits_user_id').on(table.kilo_user_id),
  ],
);

export const organization_user_usage = pgTable(
  'organization_user_usage',
  {
    id: randomId(),
    organization_id: uuid().notNull(),
    kilo_user_id: text().notNull(),
    usage_date: date({ mode: 'string' }).notNull(),
    limit_type: text().notNull(),
    microdollar_usage: amount().notNull().default(0),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    unique('UQ_organization_user_daily_usage_org_user_date').on(
      table.organization_id,
      table.kilo_user_id,
      table.limit_type,
      table.usage_date,
    ),
    index('IDX_organization_user_daily_usage_org_id').on(table.organization_id),
    index('IDX_organization_user_daily_usage_user_id').on(table.kilo_user_id),
  ],
);
