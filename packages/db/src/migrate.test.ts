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
     create table unrelated (id int)`,
  );
  expect(await prepareDatabase(url)).toEqual({ kind: 'ready', wasEmpty: false });
  expect(await tablesIn(url, 'gateway')).toEqual(['attempts', 'gateway_migrations']);
});

test('what is missing or different is listed, and nothing is changed', async () => {
  const url = await asHost();
  await run(
    url,
    `alter table kilocode_users drop column api_token_pepper;
     alter table organizations alter column microdollars_used type numeric;
     alter table feature alter column feature drop not null;
     alter table microdollar_usage add column tax bigint not null;
     drop table temp_phase`,
  );
  expect(await prepareDatabase(url)).toEqual({
    kind: 'different',
    differences: [
      'table temp_phase is missing',
      'feature.feature must not allow null',
      'organizations.microdollars_used is numeric, not bigint',
      'kilocode_users.api_token_pepper is missing',
      'microdollar_usage.tax is required, and the gateway does not know it',
    ],
  });
  expect(await tablesIn(url, 'gateway')).toEqual([]);
});
