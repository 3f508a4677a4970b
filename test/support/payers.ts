import { randomUUID } from 'node:crypto';
import { ask } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { z } from 'zod';
import { TOKEN_SECRET, type World } from './world.ts';

// Users and organisations who may want credits to be bought for them.

type Kind = 'user' | 'organization';
export type Fields = {
  readonly usd: number;
  readonly isEnabled?: boolean;
  /** What its name begins with tells Stripe what to do. */
  readonly customer?: string;
  readonly hasConfig?: boolean;
  readonly attemptStartedAt?: string | null;
  readonly blocked_reason?: string;
  readonly api_token_pepper?: string;
};
export type Payer = {
  readonly kind: Kind;
  readonly id: string;
  readonly customer: string;
  readonly token: string;
  readonly email: string;
};

export async function newPayer(databaseUrl: string, kind: Kind, fields: Fields): Promise<Payer> {
  const { usd, isEnabled = true, hasConfig = true, attemptStartedAt = null } = fields;
  const { blocked_reason, api_token_pepper } = fields;
  const user = randomUUID();
  const id = kind === 'user' ? user : randomUUID();
  const customer = fields.customer === '' ? '' : `${fields.customer ?? 'cus_pays'}_${id}`;
  const purse = {
    total_microdollars_acquired: Math.round(usd * 1_000_000),
    auto_top_up_enabled: isEnabled,
    stripe_customer_id: customer,
  };
  const email = `${user}@example.com`;
  const person = {
    id: user,
    google_user_email: email,
    google_user_name: 'Payer',
    google_user_image_url: '',
    stripe_customer_id: '',
    blocked_reason,
    api_token_pepper,
  };
  const isUser = kind === 'user';
  await plant(databaseUrl, {
    kilocode_users: [isUser ? { ...person, ...purse } : person],
    organizations: isUser ? [] : [{ id, name: 'Payers', ...purse }],
    organization_memberships: isUser
      ? []
      : [{ organization_id: id, kilo_user_id: user, role: 'owner' }],
    auto_top_up_configs: hasConfig
      ? [
          {
            ...(isUser ? { owned_by_user_id: id } : { owned_by_organization_id: id }),
            stripe_payment_method_id: `pm_${id}`,
            amount_cents: 2_500,
            attempt_started_at: attemptStartedAt,
          },
        ]
      : [],
  });
  const token = await tokenFor(
    { user, pepper: null, organization: isUser ? null : id },
    TOKEN_SECRET,
  );
  return { kind, id, customer, token, email };
}

/** Sends one request that costs so much. Its status. */
export async function spend(world: World, { token }: Payer, usd = 0): Promise<number> {
  const response = await world.ask({
    token,
    body: { messages: [{ role: 'user', content: 'Hello!' }], model: `sim/answer~cost=${usd}` },
  });
  await response.text();
  return response.status;
}

const Books = z.object({
  enabled: z.boolean(),
  attempt: z.date().nullable(),
  reason: z.string().nullable(),
});
export async function booksOf(databaseUrl: string, { kind, id }: Payer) {
  const [table, column] =
    kind === 'user'
      ? ['kilocode_users', 'owned_by_user_id']
      : ['organizations', 'owned_by_organization_id'];
  const text = `select o.auto_top_up_enabled as enabled, c.attempt_started_at as attempt, c.disabled_reason as reason
    from ${table} o left join auto_top_up_configs c on c.${column} = o.id where o.id = $1`;
  const [books] = await ask(databaseUrl, { text, values: [id] }, Books);
  if (!books) throw new Error('This payer has no books.');
  return books;
}
