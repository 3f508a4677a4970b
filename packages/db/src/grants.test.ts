import { beforeAll, expect, inject, test } from 'vitest';
import { prepareDatabase } from './migrate.ts';
import { asRole, createTestDatabase, run } from './test-database.ts';

// What the roles of a deployment may do is shown by all system tests: the workers run as these. This is what they may not.

let owner: string;
let workers: string;
let sessionIngest: string;
beforeAll(async () => {
  owner = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(owner);
  workers = await asRole('workers', owner);
  sessionIngest = await asRole('session_ingest', owner);
});

test.each([
  'update kilocode_users set blocked_reason = null',
  'update kilocode_users set api_token_pepper = null',
  `insert into kilocode_users (id) values ('me')`,
  'delete from kilocode_users',
  'update organization_memberships set role = role',
  'update organizations set settings = settings',
  'update byok_api_keys set encrypted_api_key = null',
  'update microdollar_usage set kilo_user_id = kilo_user_id',
  'delete from microdollar_usage',
  'select * from api_request_log',
  'select ip_address from free_model_usage',
  'delete from gateway.attempts',
  'select * from gateway.gateway_migrations',
  'create table theirs (id int)',
  'create table gateway.theirs (id int)',
  'truncate gateway.lookup_additions',
])('no worker may: %s', async (statement) => {
  await expect(run(workers, statement)).rejects.toThrow(/permission denied|must be owner/);
});

test.each([
  'select google_user_email from kilocode_users',
  'select microdollars_used from kilocode_users',
  'update kilocode_users set microdollars_used = 0',
  'select * from byok_api_keys',
  'select * from microdollar_usage',
  'select * from gateway.attempts',
])('session-ingest may not: %s', async (statement) => {
  await expect(run(sessionIngest, statement)).rejects.toThrow('permission denied');
});

test('what may be granted again is granted again, after each migration', async () => {
  await prepareDatabase(owner);
  await run(await asRole('workers', owner), 'select from kilocode_users');
});
