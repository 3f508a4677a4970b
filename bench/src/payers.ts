import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { sealedKey } from '@gateway/local/sealed-key';
import { tokenFor } from '@gateway/local/tokens';

export type Secrets = { readonly tokens: string; readonly ownKeys: string };
/** Tokens, to be used in turn: one payer's ledger is one thread. */
export type Payers = { readonly paid: readonly string[]; readonly ownKey: readonly string[] };

export const PAYERS = 10;
const ACQUIRED_MICROUSD = 1_000_000_000_000;

/** People with more money than a run can spend; those of the second half have a key of their own for OpenAI's models. */
export async function plantPayers(databaseUrl: string, secrets: Secrets): Promise<Payers> {
  const ids = Array.from({ length: 2 * PAYERS }, () => randomUUID());
  const withKey = ids.slice(PAYERS);
  await plant(databaseUrl, {
    kilocode_users: ids.map((id) => ({
      id,
      google_user_email: `${id}@example.com`,
      google_user_name: 'Payer',
      google_user_image_url: '',
      stripe_customer_id: '',
      api_token_pepper: id,
      total_microdollars_acquired: ACQUIRED_MICROUSD,
    })),
    byok_api_keys: withKey.map((id) => ({
      kilo_user_id: id,
      provider_id: 'openai',
      encrypted_api_key: sealedKey(`sk-bench-${id}`, secrets.ownKeys),
      created_by: id,
    })),
  });
  const tokens = await Promise.all(
    ids.map((user) => tokenFor({ user, pepper: user, organization: null }, secrets.tokens)),
  );
  return { paid: tokens.slice(0, PAYERS), ownKey: tokens.slice(PAYERS) };
}
