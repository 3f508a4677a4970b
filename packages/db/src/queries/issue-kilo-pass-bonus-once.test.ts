import { z } from 'zod';
import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase, run } from '../test-database.ts';
import { holdersIn } from '../test-kilo-pass.ts';

let url: string;
let holders: ReturnType<typeof holdersIn>;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  holders = holdersIn(url);
});

test('many calls at once issue one bonus', async () => {
  const holder = await holders.newHolder();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => holders.issued(holder)));
  expect(outcomes.filter(({ kind }) => kind === 'issued')).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === 'not-due')).toHaveLength(19);
  expect(await holders.bonusesOf(holder)).toHaveLength(1);
  expect(await holders.userOf(holder)).toMatchObject({
    total_microdollars_acquired: 26_350_000,
  });
});

test('a payment that is late costs no bonus: it is issued when the subscription is active again', async () => {
  const holder = await holders.newHolder({ subscription: { status: 'past_due' } });
  expect(await holders.issued(holder)).toEqual({ kind: 'interrupted' });
  expect(await holders.userOf(holder)).toMatchObject({ kilo_pass_threshold: 19_000_000 });
  await run(
    url,
    `update kilo_pass_subscriptions set status = 'active' where id = '${holder.subscription}'`,
  );
  expect(await holders.issued(holder)).toMatchObject({ kind: 'issued' });
});

test.each([
  ['bonus', 'issuance_item_already_exists'],
  ['promo_first_month_50pct', 'existing_promo_item'],
])('a %s that somebody else is issuing at that moment is the only one', async (kind, reason) => {
  const holder = await holders.newHolder();
  const other = await connect(url);
  const tell = (text: string) => other.rows({ text, values: [] }, z.unknown());
  const credit = crypto.randomUUID();
  await tell('begin');
  await tell(
    `select from kilo_pass_issuances where kilo_pass_subscription_id = '${holder.subscription}' for update`,
  );
  const ours = holders.issued(holder);
  await untilSomebodyWaits();
  await tell(`insert into credit_transactions (id, kilo_user_id, amount_microdollars, is_free)
    values ('${credit}', '${holder.user}', 1, true)`);
  await tell(`insert into kilo_pass_issuance_items
      (kilo_pass_issuance_id, kind, credit_transaction_id, amount_usd)
    select id, '${kind}', '${credit}', 1 from kilo_pass_issuances
    where kilo_pass_subscription_id = '${holder.subscription}'`);
  await tell('commit');
  await other.close();
  expect(await ours).toEqual({ kind: 'already-issued' });
  expect(await holders.itemsOf(holder)).toMatchObject([{ kind, credit_transaction_id: credit }]);
  expect(await holders.bonusesOf(holder)).toEqual([]);
  expect(await holders.auditOf(holder)).toMatchObject([
    {
      action: 'bonus_credits_skipped_idempotent',
      result: 'skipped_idempotent',
      payload_json: { reason },
    },
  ]);
});

/** Nobody else uses this database: whoever waits for a lock is the one that was started. */
async function untilSomebodyWaits(): Promise<void> {
  const text = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await ask(url, { text }, z.unknown())).length === 0);
}

test('what fails changes nothing, is audited once for each cause, and can be done again', async () => {
  const holder = await holders.newHolder();
  const set = (acquired: string) =>
    run(
      url,
      `update kilocode_users set total_microdollars_acquired = ${acquired} where id = '${holder.user}'`,
    );
  await set('9223372036854775807');
  await expect(holders.issued(holder, 'usage-1')).rejects.toThrow('out of range');
  await expect(holders.issued(holder, 'usage-1')).rejects.toThrow('out of range');
  await expect(holders.issued(holder, 'usage-2')).rejects.toThrow('out of range');
  expect(await holders.bonusesOf(holder)).toEqual([]);
  const failed = {
    action: 'bonus_credits_issued',
    result: 'failed',
    payload_json: { source: 'usage_threshold', error: 'bigint out of range' },
  };
  expect(await holders.auditOf(holder)).toMatchObject([failed, failed]);
  await set('0');
  expect(await holders.issued(holder)).toMatchObject({ kind: 'issued' });
  expect(await holders.userOf(holder)).toMatchObject({ total_microdollars_acquired: 7_350_000 });
});
