import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { createdAt, instant, randomId, updatedAt } from './columns.ts';
import { credit_transactions } from './credits.ts';
import { kilocode_users } from './users.ts';

export const kilo_pass_subscriptions = pgTable(
  'kilo_pass_subscriptions',
  {
    id: randomId(),
    kilo_user_id: text()
      .notNull()
      .references(() => kilocode_users.id, { onDelete: 'cascade', onUpdate: 'cascade' }),
    stripe_subscription_id: text().notNull().unique('UQ_kilo_pass_subscriptions_stripe'),
    tier: text().notNull(),
    cadence: text().notNull(),
    status: text().notNull(),
    cancel_at_period_end: boolean().notNull().default(false),
    started_at: instant(),
    ended_at: instant(),
    current_streak_months: integer().notNull().default(0),
    next_yearly_issue_at: instant(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    index('IDX_kilo_pass_subscriptions_kilo_user_id').on(table.kilo_user_id),
    index('IDX_kilo_pass_subscriptions_status').on(table.status),
    index('IDX_kilo_pass_subscriptions_cadence').on(table.cadence),
    check(
      'kilo_pass_subscriptions_tier_check',
      sql`${table.tier} in ('tier_19', 'tier_49', 'tier_199')`,
    ),
    check('kilo_pass_subscriptions_cadence_check', sql`${table.cadence} in ('monthly', 'yearly')`),
    check('kilo_pass_subscriptions_streak_check', sql`${table.current_streak_months} >= 0`),
  ],
);

export const kilo_pass_issuances = pgTable(
  'kilo_pass_issuances',
  {
    id: randomId(),
    kilo_pass_subscription_id: uuid()
      .notNull()
      .references(() => kilo_pass_subscriptions.id, { onDelete: 'cascade' }),
    issue_month: date({ mode: 'string' }).notNull(),
    source: text().notNull(),
    stripe_invoice_id: text(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    unique('UQ_kilo_pass_issuances_subscription_month').on(
      table.kilo_pass_subscription_id,
      table.issue_month,
    ),
    uniqueIndex('UQ_kilo_pass_issuances_stripe_invoice_id')
      .on(table.stripe_invoice_id)
      .where(sql`${table.stripe_invoice_id} is not null`),
    index('IDX_kilo_pass_issuances_subscription_id').on(table.kilo_pass_subscription_id),
    index('IDX_kilo_pass_issuances_issue_month').on(table.issue_month),
    check('kilo_pass_issuances_month_check', sql`extract(day from ${table.issue_month}) = 1`),
    check('kilo_pass_issuances_source_check', sql`${table.source} in ('stripe_invoice', 'cron')`),
  ],
);

export const kilo_pass_issuance_items = pgTable(
  'kilo_pass_issuance_items',
  {
    id: randomId(),
    kilo_pass_issuance_id: uuid()
      .notNull()
      .references(() => kilo_pass_issuances.id, { onDelete: 'cascade' }),
    kind: text().notNull(),
    credit_transaction_id: uuid()
      .notNull()
      .unique('UQ_kilo_pass_issuance_items_transaction')
      .references(() => credit_transactions.id, { onDelete: 'restrict' }),
    amount_usd: numeric({ precision: 12, scale: 2 }).notNull(),
    bonus_percent_applied: numeric({ precision: 6, scale: 4 }),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    unique('UQ_kilo_pass_issuance_items_issuance_kind').on(table.kilo_pass_issuance_id, table.kind),
    check(
      'kilo_pass_issuance_items_kind_check',
      sql`${table.kind} in ('base', 'bonus', 'promo_first_month_50pct')`,
    ),
    check('kilo_pass_issuance_items_amount_check', sql`${table.amount_usd} >= 0`),
    check(
      'kilo_pass_issuance_items_percent_check',
      sql`${table.bonus_percent_applied} is null or ${table.bonus_percent_applied} between 0 and 1`,
    ),
  ],
);

export const kilo_pass_audit_log = pgTable(
  'kilo_pass_audit_log',
  {
    id: randomId(),
    created_at: createdAt(),
    kilo_user_id: text().references(() => kilocode_users.id, { onDelete: 'set null' }),
    kilo_pass_subscription_id: uuid().references(() => kilo_pass_subscriptions.id, {
      onDelete: 'set null',
    }),
    action: text().notNull(),
    result: text().notNull(),
    idempotency_key: text(),
    stripe_event_id: text(),
    stripe_invoice_id: text(),
    stripe_subscription_id: text(),
    related_credit_transaction_id: uuid().references(() => credit_transactions.id, {
      onDelete: 'set null',
    }),
    related_monthly_issuance_id: uuid().references(() => kilo_pass_issuances.id, {
      onDelete: 'set null',
    }),
    payload_json: jsonb().notNull().default({}),
  },
  (table) => [
    index('IDX_kilo_pass_audit_log_created_at').on(table.created_at),
    index('IDX_kilo_pass_audit_log_kilo_user_id').on(table.kilo_user_id),
    index('IDX_kilo_pass_audit_log_subscription_id').on(table.kilo_pass_subscription_id),
    index('IDX_kilo_pass_audit_log_action').on(table.action),
    index('IDX_kilo_pass_audit_log_result').on(table.result),
    index('IDX_kilo_pass_audit_log_idempotency_key').on(table.idempotency_key),
    index('IDX_kilo_pass_audit_log_stripe_event_id').on(table.stripe_event_id),
    index('IDX_kilo_pass_audit_log_stripe_invoice_id').on(table.stripe_invoice_id),
    index('IDX_kilo_pass_audit_log_stripe_subscription_id').on(table.stripe_subscription_id),
    index('IDX_kilo_pass_audit_log_credit_transaction_id').on(table.related_credit_transaction_id),
    index('IDX_kilo_pass_audit_log_issuance_id').on(table.related_monthly_issuance_id),
    check(
      'kilo_pass_audit_log_action_check',
      sql`${table.action} in ('stripe_webhook_received', 'kilo_pass_invoice_paid_handled', 'base_credits_issued', 'bonus_credits_issued', 'bonus_credits_skipped_idempotent', 'first_month_50pct_promo_issued', 'yearly_monthly_base_cron_started', 'yearly_monthly_base_cron_completed', 'issue_yearly_remaining_credits', 'yearly_monthly_bonus_cron_started', 'yearly_monthly_bonus_cron_completed')`,
    ),
    check(
      'kilo_pass_audit_log_result_check',
      sql`${table.result} in ('success', 'skipped_idempotent', 'failed')`,
    ),
  ],
);
