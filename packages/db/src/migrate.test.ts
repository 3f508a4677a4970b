import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import { ask } from './inspect.ts';
import { prepareDatabase } from './migrate.ts';
import { expectedTables } from './tables.ts';
import { createTestDatabase, run } from './test-database.ts';

const tablesIn = async (url: string, schema: string) => {
  const text = 'select tablename from pg_tables where schemaname = $1 order by 1';
  const rows = await ask(url, { text, values: [schema] }, z.object({ tablename: z.string() }));
  return rows.map(({ tablename }) => tablename);
};
/** As a host application has it: the tables are there, and nothing says that we made them. */
const asHost = async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  await run(url, 'drop schema gateway cascade');
  return url;
};

test('an empty database gets every table in one go, and again is harmless', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  expect(await prepareDatabase(url)).toEqual({ kind: 'ready', wasEmpty: true });
  expect(await tablesIn(url, 'public')).toEqual(expectedTables.toSorted());
  expect(await tablesIn(url, 'gateway')).toContain('attempts');
  expect(await prepareDatabase(url)).toEqual({ kind: 'ready', wasEmpty: false });
});

test('two starts at once prepare one database once', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  const outcomes = await Promise.all([prepareDatabase(url), prepareDatabase(url)]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['ready', 'ready']);
});

test("a host's tables are accepted as they are, with columns and tables that we do not know", async () => {
  const url = await asHost();
  await run(
    url,
    `alter table kilocode_users add column favourite_colour text;
     alter table custom_llm drop column verbosity;
     alter table payment_methods alter column type type int using 0, drop column stripe_fingerprint;
     alter table payment_methods add column last4 text not null;
     create table unrelated (id int)`,
  );
  expect(await prepareDatabase(url)).toEqual({ kind: 'ready', wasEmpty: false });
  expect(await tablesIn(url, 'gateway')).toEqual([
    'attempts',
    'gateway_migrations',
    'heartbeats',
    'lookup_additions',
  ]);
});

test('what is missing or different is listed, and nothing is changed', async () => {
  const url = await asHost();
  await run(
    url,
    `alter table kilocode_users drop column api_token_pepper;
     alter table organizations alter column microdollars_used type numeric;
     alter table feature alter column feature drop not null;
     alter table microdollar_usage add column tax bigint not null;
     drop table temp_phase;
     drop index "UQ_mode";
     create unique index "UQ_mode" on mode (mode) where mode_id > 10;
     alter table organization_user_usage drop constraint "UQ_organization_user_daily_usage_org_user_date"`,
  );
  expect(await prepareDatabase(url)).toEqual({
    kind: 'different',
    differences: [
      'table temp_phase is missing',
      'feature.feature must not allow null',
      'organizations.microdollars_used is numeric, not bigint',
      'kilocode_users.api_token_pepper is missing',
      'microdollar_usage.tax is required, and the gateway does not know it',
      'organization_user_usage is not unique by organization_id, kilo_user_id, limit_type, usage_date',
      'mode is not unique by mode',
    ],
  });
  expect(await tablesIn(url, 'gateway')).toEqual([]);
});

test('nothing of a host is changed when a start is broken off before it has made anything', async () => {
  const url = await asHost();
  await run(
    url,
    'create schema gateway; create table gateway.public_migrations (id serial, hash text, created_at bigint)',
  );
  expect(await prepareDatabase(url)).toEqual({ kind: 'ready', wasEmpty: false });
  const text = 'select * from gateway.public_migrations';
  expect(await ask(url, { text }, z.unknown())).toEqual([]);
});

test('tables that were taken away altogether are made again', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  await run(url, 'drop schema public cascade; create schema public');
  expect(await prepareDatabase(url)).toEqual({ kind: 'ready', wasEmpty: true });
  expect(await tablesIn(url, 'public')).toEqual(expectedTables.toSorted());
});

test('tables that we made and somebody has changed are listed like those of a host', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  await run(url, 'alter table microdollar_usage_metadata drop column market_cost cascade');
  expect(await prepareDatabase(url)).toEqual({
    kind: 'different',
    differences: ['microdollar_usage_metadata.market_cost is missing'],
  });
});
