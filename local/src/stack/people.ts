import type { Seed } from '@gateway/db/seed';
import { SIMULATOR_KEY } from './environment.ts';
import { sealedKey } from './sealed-key.ts';
import { vercelCatalogue } from './vercel-catalogue.ts';

// The people of the local stack. Each stands for one situation that a caller can be in.

const USD = 1_000_000;
const ACME = '11111111-1111-4111-8111-111111111111';
const GLOBEX = '22222222-2222-4222-8222-222222222222';

const userIds = {
  alice: '0a11ce00-0000-4000-8000-000000000001',
  bob: '0b0b0000-0000-4000-8000-000000000002',
  carol: '0ca20100-0000-4000-8000-000000000003',
  mallory: '03a110e0-0000-4000-8000-000000000004',
  erin: '0e210000-0000-4000-8000-000000000005',
  frank: '0f2a0000-0000-4000-8000-000000000006',
  grace: '062ace00-0000-4000-8000-000000000007',
  heidi: '04e1d100-0000-4000-8000-000000000008',
  ivan: '017a0000-0000-4000-8000-000000000009',
} as const;
export type Person = keyof typeof userIds;

/** What a person's token says. */
export type PersonalToken = {
  readonly user: string;
  readonly pepper: string;
  readonly organization: string | null;
};

/** The organisation that a person's token acts for. The others act for themselves. */
const organizationOf: Readonly<Partial<Record<Person, string>>> = {
  erin: ACME,
  frank: ACME,
  heidi: GLOBEX,
};

export const tokenClaims = (name: Person): PersonalToken => ({
  user: userIds[name],
  pepper: pepperOf(name),
  organization: organizationOf[name] ?? null,
});

export const people = Object.keys(userIds).filter((name): name is Person => name in userIds);

function pepperOf(name: Person): string {
  return `pepper-of-${name}`;
}

const user = (name: Person, acquired: number, used = 0) => ({
  id: userIds[name],
  google_user_email: `${name}@example.com`,
  google_user_name: name,
  google_user_image_url: '',
  stripe_customer_id: `cus_${name}`,
  api_token_pepper: pepperOf(name),
  total_microdollars_acquired: acquired,
  microdollars_used: used,
});

const member = (organization: string, name: Person, role: string) => ({
  organization_id: organization,
  kilo_user_id: userIds[name],
  role,
});

/**
 * @param byokKey base64 of 32 bytes: what own keys are encrypted under.
 * @param simulatorUrl What a custom LLM is, where there is a simulator.
 */
export const seedOf = (byokKey: string, simulatorUrl: string | null): Seed => ({
  kilocode_users: [
    user('alice', 10 * USD),
    user('bob', 0),
    user('carol', 5 * USD, 5 * USD),
    { ...user('mallory', 10 * USD), blocked_reason: 'abuse' },
    user('erin', 0),
    user('frank', 0),
    user('grace', 0),
    user('heidi', 0),
    { ...user('ivan', 38 * USD, 18_900_000), kilo_pass_threshold: 19_950_000 },
  ],
  organizations: [
    {
      id: ACME,
      name: 'Acme',
      plan: 'enterprise',
      total_microdollars_acquired: 100 * USD,
      microdollars_balance: 100 * USD,
      settings: {
        model_allow_list: ['anthropic/*', 'openai/gpt-5.2'],
        provider_allow_list: ['anthropic', 'openai'],
      },
    },
    {
      id: GLOBEX,
      name: 'Globex',
      plan: 'teams',
      total_microdollars_acquired: 100 * USD,
      microdollars_balance: 100 * USD,
    },
  ],
  organization_memberships: [
    member(ACME, 'erin', 'member'),
    member(ACME, 'frank', 'billing_manager'),
    member(GLOBEX, 'heidi', 'member'),
  ],
  organization_user_limits: [
    {
      organization_id: GLOBEX,
      kilo_user_id: userIds.heidi,
      limit_type: 'daily',
      microdollar_limit: 5 * USD,
    },
  ],
  byok_api_keys: [
    {
      kilo_user_id: userIds.grace,
      provider_id: 'openai',
      encrypted_api_key: sealedKey('sk-demo-key-of-grace', byokKey),
      created_by: userIds.grace,
    },
  ],
  models_by_provider: [vercelCatalogue],
  custom_llm: [
    {
      public_id: 'kilo-internal/globex-1',
      display_name: 'Globex One',
      context_length: 200_000,
      max_completion_tokens: 32_000,
      internal_id: 'globex-1',
      provider: 'openai',
      base_url: simulatorUrl ?? 'https://llm.globex.example/v1',
      api_key: SIMULATOR_KEY,
      organization_ids: [GLOBEX],
    },
  ],
  credit_transactions: [
    purchase('33333333-3333-4333-8333-333333333331', 'alice', 10),
    purchase('33333333-3333-4333-8333-333333333332', 'carol', 5),
    purchase('33333333-3333-4333-8333-333333333333', 'ivan', 19),
  ],
  kilo_pass_subscriptions: [
    {
      id: '44444444-4444-4444-8444-444444444441',
      kilo_user_id: userIds.ivan,
      stripe_subscription_id: 'sub_ivan',
      tier: 'tier_19',
      cadence: 'monthly',
      status: 'active',
      started_at: '2026-01-15T00:00:00Z',
      current_streak_months: 3,
    },
  ],
  kilo_pass_issuances: [
    {
      id: '44444444-4444-4444-8444-444444444442',
      kilo_pass_subscription_id: '44444444-4444-4444-8444-444444444441',
      issue_month: '2026-03-01',
      source: 'stripe_invoice',
      stripe_invoice_id: 'in_ivan',
    },
  ],
  kilo_pass_issuance_items: [
    {
      kilo_pass_issuance_id: '44444444-4444-4444-8444-444444444442',
      kind: 'base',
      credit_transaction_id: '33333333-3333-4333-8333-333333333333',
      amount_usd: '19.00',
    },
  ],
});

const purchase = (id: string, name: Person, usd: number) => ({
  id,
  kilo_user_id: userIds[name],
  amount_microdollars: usd * USD,
  is_free: false,
  description: 'Demo purchase',
  stripe_payment_id: `pi_${name}`,
});
