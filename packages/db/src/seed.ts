import { getTableColumns, type InferInsertModel } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PgTable } from 'drizzle-orm/pg-core';
import { Client } from 'pg';
import {
  auto_top_up_configs,
  byok_api_keys,
  credit_transactions,
  custom_llm,
  kilo_pass_issuance_items,
  kilo_pass_issuances,
  kilo_pass_subscriptions,
  kilocode_users,
  models_by_provider,
  organization_memberships,
  organization_user_limits,
  organization_user_usage,
  organizations,
  payment_methods,
} from './schema/index.ts';

const tables = {
  kilocode_users,
  organizations,
  organization_memberships,
  organization_user_limits,
  organization_user_usage,
  byok_api_keys,
  custom_llm,
  models_by_provider,
  credit_transactions,
  kilo_pass_subscriptions,
  kilo_pass_issuances,
  kilo_pass_issuance_items,
  payment_methods,
  auto_top_up_configs,
};
type Tables = typeof tables;

/** Rows by table. */
export type Seed = {
  readonly [Name in keyof Tables]?: readonly InferInsertModel<Tables[Name]>[];
};

/** Adds rows that are not there yet; what is there stays as it is, also where it has changed since. */
export async function plant(connectionString: string, seed: Seed): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const database = drizzle(client);
    const names = Object.keys(tables).filter((name): name is keyof Tables => name in tables);
    for (const name of names) {
      const table: PgTable = tables[name];
      const rows = seed[name] ?? [];
      const known = Object.keys(getTableColumns(table));
      for (const row of rows) {
        const fields = Object.entries(row).filter(([column]) => known.includes(column));
        await database.insert(table).values(Object.fromEntries(fields)).onConflictDoNothing();
      }
    }
  } finally {
    await client.end();
  }
}
