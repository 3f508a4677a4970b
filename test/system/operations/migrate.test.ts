import { root } from '@gateway/local/root';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { createTestDatabase, run } from '@gateway/db/test-database';
import { expect, inject, test } from 'vitest';

// `npm run migrate` as an operator runs it before a deployment.

const migrate = (databaseUrl: string): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, 'scripts', 'run.mjs'), 'migrate'],
      { env: { ...process.env, DATABASE_URL: databaseUrl } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });

test('a database is made ready, and left as it is the next time', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  const ready = { code: 0, output: 'The database is ready.\n' };
  expect(await migrate(url)).toEqual(ready);
  expect(await migrate(url)).toEqual(ready);
});

test('tables of a host application that differ are told, and not touched', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await run(url, 'create table kilocode_users (id text primary key)');
  const { code, output } = await migrate(url);
  expect(code).toBe(1);
  expect(output).toContain('The tables of the host application differ');
  expect(output).toContain('kilocode_users');
  await run(url, 'drop table kilocode_users');
});

test('without a database, what is missing is said', async () => {
  expect(await migrate('')).toEqual({
    code: 1,
    output: 'Set DATABASE_URL to the database.\n',
  });
});
