import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { tokenFor } from '@gateway/local/stack/tokens';

type Secrets = { readonly tokens: string; readonly ownKeys: string };
/** Tokens, to be used in turn. */
export type Payers = { readonly paid: readonly string[]; readonly ownKey: readonly string[] };

/** Where not another number is asked for. */
export const PAYERS = 10;
const ACQUIRED_MICROUSD = 1_000_000_000_000;

type Planted = { readonly databaseUrl: string; readonly secrets: Secrets; readonly paying: number };

/** People with more money than a run can spend. Further ones have a key of their own for OpenAI's models. */
export async function plantPayers({ databaseUrl, secrets, paying }: Planted): Promise<Payers> {
  const ids = Array.from({ length: paying + PAYERS }, () => randomUUID());
  const withKey = ids.slice(paying);
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
  return { paid: tokens.slice(0, paying), ownKey: tokens.slice(paying) };
}
