import { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import { connect } from './connect.ts';
import { ask } from './inspect.ts';
import { type BonusOutcome, issueKiloPassBonus } from './queries/issue-kilo-pass-bonus.ts';
import { plant, type Seed } from './seed.ts';
import { run } from './test-database.ts';

type Rows<Table extends keyof Seed> = NonNullable<Seed[Table]>[number];
export type Fields = {
  readonly user?: Partial<Rows<'kilocode_users'>>;
  readonly subscription?: Partial<Rows<'kilo_pass_subscriptions'>>;
  /** By month, what was issued of it. */
  readonly months?: Readonly<Record<string, readonly Rows<'kilo_pass_issuance_items'>['kind'][]>>;
};
export type Holder = { readonly user: UserId; readonly subscription: string };

type Issued = { readonly issue_month: string; readonly kinds: readonly string[] };

export const MARCH = '2026-03-01';
export const USED = 18_500_000;

/** What tests do with the holders of a Kilo Pass, in one database. */
export const holdersIn = (url: string) => ({
  newHolder: (fields?: Fields) => newHolder(url, fields),
  issue: (holder: Holder, month: Issued) => issue(url, holder, month),
  issued: (holder: Holder, key?: string) => issued(url, holder, key),
  bonusesOf: (holder: Holder) => bonusesOf(url, holder),
  itemsOf: (holder: Holder) => itemsOf(url, holder),
  auditOf: (holder: Holder) => auditOf(url, holder),
  userOf: (holder: Holder) => userOf(url, holder),
  raise: (holder: Holder, threshold: number) => raise(url, holder, threshold),
  rowsOf: (text: string, value: string) => rowsOf(url, text, value),
});

/** The holder of a Kilo Pass of $49 who has used up the third month. */
async function newHolder(
  url: string,
  { user, subscription, months = { [MARCH]: ['base'] } }: Fields = {},
) {
  const holder: Holder = {
    user: UserId.parse(`user-${crypto.randomUUID()}`),
    subscription: crypto.randomUUID(),
  };
  await plant(url, {
    kilocode_users: [
      {
        id: holder.user,
        google_user_email: `${holder.user}@example.com`,
        google_user_name: '',
        google_user_image_url: '',
        stripe_customer_id: '',
        microdollars_used: USED,
        total_microdollars_acquired: 19_000_000,
        kilo_pass_threshold: 19_000_000,
        ...user,
      },
    ],
    kilo_pass_subscriptions: [
      {
        id: holder.subscription,
        kilo_user_id: holder.user,
        stripe_subscription_id: holder.subscription,
        tier: 'tier_49',
        cadence: 'monthly',
        status: 'active',
        started_at: '2026-01-15T10:00:00.123456Z',
        current_streak_months: 3,
        ...subscription,
      },
    ],
  });
  for (const [issue_month, kinds] of Object.entries(months)) {
    await issue(url, holder, { issue_month, kinds });
  }
  return holder;
}

async function issue(
  url: string,
  { user, subscription }: Holder,
  { issue_month, kinds }: Issued,
): Promise<void> {
  const issuance = crypto.randomUUID();
  const items = kinds.map((kind) => ({ kind, credit: crypto.randomUUID() }));
  await plant(url, {
    kilo_pass_issuances: [
      {
        id: issuance,
        kilo_pass_subscription_id: subscription,
        issue_month,
        source: 'stripe_invoice',
      },
    ],
    credit_transactions: items.map(({ credit }) => ({
      id: credit,
      kilo_user_id: user,
      amount_microdollars: 1,
      is_free: false,
    })),
    kilo_pass_issuance_items: items.map(({ kind, credit }) => ({
      kilo_pass_issuance_id: issuance,
      kind,
      credit_transaction_id: credit,
      amount_usd: '1.00',
    })),
  });
}

async function issued(url: string, { user }: Holder, key = 'usage-1'): Promise<BonusOutcome> {
  const database = await connect(url);
  try {
    return await issueKiloPassBonus(database, { user, key });
  } finally {
    await database.close();
  }
}

const Row = z.record(z.string(), z.unknown());
const rowsOf = (url: string, text: string, value: string) =>
  ask(url, { text, values: [value] }, Row);
const bonusesOf = (url: string, { user }: Holder) =>
  rowsOf(
    url,
    `select * from credit_transactions where kilo_user_id = $1 and credit_category = 'kilo-pass-bonus'`,
    user,
  );
const itemsOf = (url: string, { subscription }: Holder) =>
  rowsOf(
    url,
    `select i.issue_month::text, item.kind, item.amount_usd, item.bonus_percent_applied, item.credit_transaction_id
      from kilo_pass_issuances i left join kilo_pass_issuance_items item on item.kilo_pass_issuance_id = i.id
      where i.kilo_pass_subscription_id = $1 and kind is distinct from 'base' order by 1, 2`,
    subscription,
  );
const auditOf = (url: string, { user }: Holder) =>
  rowsOf(
    url,
    'select * from kilo_pass_audit_log where kilo_user_id = $1 order by created_at',
    user,
  );
async function userOf(url: string, { user }: Holder) {
  const [row] = await rowsOf(url, 'select * from kilocode_users where id = $1', user);
  return row;
}
const raise = (url: string, { user }: Holder, threshold: number) =>
  run(url, `update kilocode_users set kilo_pass_threshold = ${threshold} where id = '${user}'`);
