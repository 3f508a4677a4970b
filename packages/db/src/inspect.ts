import { MicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import { connect } from './connect.ts';

// What tests, and a person at the console, ask of a database.

const Usage = z.looseObject({
  id: z.string(),
  kilo_user_id: z.string(),
  cost: MicroUsd,
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_hit_tokens: z.number(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  requested_model: z.string().nullable(),
  has_error: z.boolean(),
  message_id: z.string().nullable(),
  status_code: z.number().nullable(),
  finish_reason: z.string().nullable(),
  streamed: z.boolean().nullable(),
  cancelled: z.boolean().nullable(),
  market_cost: MicroUsd.nullable(),
});
export type Usage = z.infer<typeof Usage>;

/** Rows of the usage view of one payer, oldest first. */
export async function usageOf(connectionString: string, payer: string): Promise<readonly Usage[]> {
  const text = 'select * from microdollar_usage_view where kilo_user_id = $1 order by created_at';
  return ask(connectionString, { text, values: [payer] }, Usage);
}

export async function usageWithId(connectionString: string, id: string): Promise<Usage | null> {
  const text = 'select * from microdollar_usage_view where id = $1';
  const [row = null] = await ask(connectionString, { text, values: [id] }, Usage);
  return row;
}

const Spent = z.object({ microdollars_used: MicroUsd });

export async function usedBy(connectionString: string, user: string): Promise<MicroUsd | null> {
  const text = 'select microdollars_used from kilocode_users where id = $1';
  const [row] = await ask(connectionString, { text, values: [user] }, Spent);
  return row?.microdollars_used ?? null;
}

const OrganizationBalance = z.object({
  microdollars_used: MicroUsd,
  /** The mirror that older readers read. */
  microdollars_balance: MicroUsd,
  total_microdollars_acquired: MicroUsd,
});
export type OrganizationBalance = z.infer<typeof OrganizationBalance>;

export async function organizationBalance(
  connectionString: string,
  organization: string,
): Promise<OrganizationBalance | null> {
  const text = `select microdollars_used, microdollars_balance, total_microdollars_acquired from organizations where id = $1`;
  const [row = null] = await ask(
    connectionString,
    { text, values: [organization] },
    OrganizationBalance,
  );
  return row;
}

/** Any question, for a test that knows the tables. */
export async function ask<Row>(
  connectionString: string,
  query: { readonly text: string; readonly values?: readonly unknown[] },
  row: z.ZodType<Row>,
): Promise<readonly Row[]> {
  const database = await connect(connectionString);
  try {
    return await database.rows({ text: query.text, values: query.values ?? [] }, row);
  } finally {
    await database.close();
  }
}
