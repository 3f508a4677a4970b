import { randomUUID } from 'node:crypto';
import { ask } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { tokenClaims } from '@gateway/local/stack/people';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { type Sink, startSink } from '../../support/sink.ts';
import { startWorld, type World } from '../../support/world.ts';

let posthog: Sink;
let world: World;
beforeAll(async () => {
  posthog = await startSink();
  world = await startWorld({ POSTHOG_HOST: posthog.url, POSTHOG_API_KEY: 'phc_test' });
});
afterAll(async () => {
  await world.stop();
  await posthog.close();
});

const ivan = tokenClaims('ivan');
const Row = z.record(z.string(), z.unknown());
const rowsOf = (text: string) => ask(world.databaseUrl, { text, values: [ivan.user] }, Row);
async function userRow() {
  const [row] = await rowsOf('select * from kilocode_users where id = $1');
  return row;
}
const bonuses = () =>
  rowsOf(
    `select * from credit_transactions where kilo_user_id = $1 and credit_category = 'kilo-pass-bonus'`,
  );

async function spend(usd: number): Promise<void> {
  const response = await world.ask({
    token: world.tokens['ivan'] ?? '',
    body: {
      messages: [{ role: 'user', content: 'Hello!' }],
      model: `sim/answer~cost=${usd}`,
      max_tokens: 12,
    },
  });
  expect(response.status).toBe(200);
  await response.text();
}

test('a Kilo Pass whose month is used up gets its bonus once, of however many requests at once', async () => {
  const before = await userRow();
  await spend(0.049);
  await eventually(
    async () => (await userRow())?.['microdollars_used'] === 18_949_000,
    'the charge',
  );
  expect(await bonuses()).toEqual([]);
  expect(await userRow()).toMatchObject({ kilo_pass_threshold: 19_950_000 });

  await Promise.all(Array.from({ length: 12 }, () => spend(0.001)));
  await eventually(
    async () => (await userRow())?.['microdollars_used'] === 18_961_000,
    'all charges',
  );
  await eventually(async () => (await userRow())?.['kilo_pass_threshold'] === null, 'the bonus');
  expect(await bonuses()).toMatchObject([
    { amount_microdollars: 2_850_000, description: 'Kilo Pass monthly bonus (tier_19, streak=3)' },
  ]);
  expect(await userRow()).toMatchObject({
    total_microdollars_acquired: Number(before?.['total_microdollars_acquired']) + 2_850_000,
  });
  const audit = await rowsOf(
    'select action, result from kilo_pass_audit_log where kilo_user_id = $1',
  );
  expect(audit).toEqual([{ action: 'bonus_credits_issued', result: 'success' }]);

  const told = () =>
    posthog.received().filter(({ text }) => text.includes('promotional_credits_issued'));
  await eventually(() => told().length > 0, 'the event');
  expect(told().map(({ json }) => json)).toMatchObject([
    {
      batch: [
        {
          distinct_id: 'ivan@example.com',
          properties: {
            credit_amount: 2.85,
            credit_category: 'kilo-pass-bonus',
            user_id: ivan.user,
            is_idempotent: false,
            has_expiry: true,
            expiry_date: '2026-04-15T00:00:00.000Z',
          },
        },
      ],
    },
  ]);
});

test('who has only had a Kilo Pass has bought no credits: their first purchase is still to come', async () => {
  const person = await world.newcomer(0);
  const [subscription, issuance, given] = [randomUUID(), randomUUID(), randomUUID()];
  await plant(world.databaseUrl, {
    credit_transactions: [
      { id: given, kilo_user_id: person.id, amount_microdollars: 19_000_000, is_free: false },
    ],
    kilo_pass_subscriptions: [
      {
        id: subscription,
        kilo_user_id: person.id,
        stripe_subscription_id: subscription,
        tier: 'tier_19',
        cadence: 'monthly',
        status: 'active',
      },
    ],
    kilo_pass_issuances: [
      {
        id: issuance,
        kilo_pass_subscription_id: subscription,
        issue_month: '2026-03-01',
        source: 'cron',
      },
    ],
    kilo_pass_issuance_items: [
      {
        kilo_pass_issuance_id: issuance,
        kind: 'base',
        credit_transaction_id: given,
        amount_usd: '19.00',
      },
    ],
  });
  const refused = async () => {
    const response = await world.ask({
      token: person.token,
      body: { messages: [{ role: 'user', content: 'Hello!' }], model: 'sim/answer' },
    });
    return response.json();
  };
  expect(await refused()).toEqual({
    error: {
      title: 'Paid Model - Credits Required',
      message:
        'This is a paid model. To use paid models, you need to add credits. Get $20 free on your first topup!',
      balance: 0,
      buyCreditsUrl: 'https://app.kilo.ai/profile',
    },
  });
  const purchase = { kilo_user_id: person.id, amount_microdollars: 5_000_000, is_free: false };
  await plant(world.databaseUrl, { credit_transactions: [purchase] });
  expect(await refused()).toMatchObject({ error: { title: 'Low Credit Warning!' } });
});
