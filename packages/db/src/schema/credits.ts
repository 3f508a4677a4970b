import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { amount, createdAt, instant, randomId, updatedAt } from './columns.ts';
import { organizations } from './organizations.ts';
import { kilocode_users } from './users.ts';

export const credit_transactions = pgTable(
  'credit_transactions',
  {
    id: randomId(),
    kilo_user_id: text().notNull(),
    amount_microdollars: amount().notNull(),
    expiration_baseline_microdollars_used: amount(),
    original_baseline_microdollars_used: amount(),
    is_free: boolean().notNull(),
    description: text(),
    original_transaction_id: uuid(),
    stripe_payment_id: text(),
    coinbase_credit_block_id: text(),
    credit_category: text(),
    expiry_date: instant(),
    created_at: createdAt(),
    organization_id: uuid(),
    check_category_uniqueness: boolean().notNull().default(false),
  },
  (table) => [
    index('IDX_credit_transactions_created_at').on(table.created_at),
    index('IDX_credit_transactions_is_free').on(table.is_free),
    index('IDX_credit_transactions_kilo_user_id').on(table.kilo_user_id),
    index('IDX_credit_transactions_credit_category').on(table.credit_category),
    index('IDX_credit_transactions_organization_id').on(table.organization_id),
    uniqueIndex('UQ_credit_transactions_stripe_payment_id').on(table.stripe_payment_id),
    uniqueIndex('UQ_credit_transactions_original_transaction_id').on(table.original_transaction_id),
    uniqueIndex('UQ_credit_transactions_coinbase_credit_block_id').on(
      table.coinbase_credit_block_id,
    ),
    uniqueIndex('UQ_credit_transactions_category_once')
      .on(table.kilo_user_id, table.credit_category)
      .where(sql`${table.check_category_uniqueness}`),
  ],
);

export const auto_top_up_configs = pgTable(
  'auto_top_up_configs',
  {
    id: randomId(),
    owned_by_user_id: text().references(() => kilocode_users.id, { onDelete: 'cascade' }),
    owned_by_organization_id: uuid().references(() => organizations.id, { onDelete: 'cascade' }),
    created_by_user_id: text(),
    stripe_payment_method_id: text().notNull(),
    amount_cents: integer().notNull().default(5000),
    last_auto_top_up_at: instant(),
    attempt_started_at: instant(),
    disabled_reason: text(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    uniqueIndex('UQ_auto_top_up_configs_user')
      .on(table.owned_by_user_id)
      .where(sql`${table.owned_by_user_id} is not null`),
    uniqueIndex('UQ_auto_top_up_configs_organization')
      .on(table.owned_by_organization_id)
      .where(sql`${table.owned_by_organization_id} is not null`),
    check(
      'auto_top_up_configs_owner_check',
      sql`(${table.owned_by_user_id} is not null) <> (${table.owned_by_organization_id} is not null)`,
    ),
  ],
);

/** The gateway reads whether a user has one that is not deleted; card and address belong to the host application. */
export const payment_methods = pgTable(
  'payment_methods',
  {
    id: randomId(),
    stripe_fingerprint: text(),
    user_id: text().notNull(),
    stripe_id: text().notNull(),
    created_at: createdAt(),
    updated_at: updatedAt(),
    eligible_for_free_credits: boolean().notNull().default(false),
    deleted_at: instant(),
    stripe_data: jsonb(),
    type: text(),
    organization_id: uuid(),
  },
  (table) => [unique('UQ_payment_methods_user_stripe').on(table.user_id, table.stripe_id)],
);
