import { createHmac, randomUUID } from 'node:crypto';
import { run } from '@gateway/db/test-database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { TOKEN_SECRET } from '../../support/newcomer.ts';
import {
  type Ask,
  newSession,
  type SessionWorld,
  startSessionWorld,
} from '../../support/session-world.ts';

// Who is let in, and who is not. Tokens are made by hand here, as the application makes them.

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.stop());

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(claims: object, { secret = TOKEN_SECRET, alg = 'HS256' } = {}): string {
  const text = `${encoded({ alg, typ: 'JWT' })}.${encoded(claims)}`;
  const signature = createHmac('sha256', secret).update(text).digest('base64url');
  return `Bearer ${text}.${alg === 'none' ? '' : signature}`;
}
const create = (ask: Ask) =>
  ask('POST', '/api/session', { sessionId: `ses_${randomUUID().slice(-12)}${'a'.repeat(14)}` });
const refused = (status: number, error: string) => ({ status, body: { success: false, error } });
const missing = refused(401, 'Missing or malformed Authorization header');
const invalid = refused(401, 'Invalid or expired token');

type Claims = Record<string, unknown>;
test.each<[string, (claims: Claims) => string | null, ReturnType<typeof refused>]>([
  ['no header', () => null, missing],
  ['another scheme', () => 'Basic eA==', missing],
  ['a scheme alone', () => 'Bearer', missing],
  ['words behind the token', (claims) => `${signed(claims)} more`, missing],
  ['nonsense', () => 'Bearer nonsense', invalid],
  ['another secret', (claims) => signed(claims, { secret: randomUUID() }), invalid],
  ['no signature', (claims) => signed(claims, { alg: 'none' }), invalid],
  ['an end that is past', (claims) => signed({ ...claims, exp: 1_700_000_000 }), invalid],
  ['another version', (claims) => signed({ ...claims, version: 2 }), invalid],
  ['no version', (claims) => signed({ ...claims, version: undefined }), invalid],
  ['no user', (claims) => signed({ ...claims, kiloUserId: '' }), invalid],
  ['a NUL in its user', (claims) => signed({ ...claims, kiloUserId: 'user\0' }), invalid],
  [
    'half a character in its user',
    (claims) => signed({ ...claims, kiloUserId: '\uD800' }),
    invalid,
  ],
  ['no pepper', (claims) => signed({ ...claims, apiTokenPepper: undefined }), invalid],
  ['another environment', (claims) => signed({ ...claims, env: 'staging' }), invalid],
  [
    'a user who is not there',
    (claims) => signed({ ...claims, kiloUserId: 'nobody' }),
    refused(403, 'User account not found'),
  ],
])('a request is refused that has %s', async (_name, authorization, refusal) => {
  const { id, pepper } = await world.newcomer();
  const claims = { kiloUserId: id, apiTokenPepper: pepper, version: 3 };
  expect((await create(world.askWith(signed(claims)))).status).toBe(200);
  expect(await create(world.askWith(authorization(claims)))).toEqual(refusal);
});

test('a token that is revoked and a user who is blocked are refused within ten seconds', async () => {
  const [blocked, revoked] = [await world.newcomer(), await world.newcomer()];
  const sessions = [await newSession(blocked.ask), await newSession(revoked.ask)];
  await change(`blocked_reason = 'x'`, blocked.id);
  await change(`api_token_pepper = 'x'`, revoked.id);
  const status = async (ask: Ask, session = '') =>
    (await ask('POST', `/api/session/${session}/ingest`, { data: [] })).status;
  const wait = { timeout: 15_000, interval: 500 };
  await expect.poll(() => status(blocked.ask, sessions[0]), wait).toBe(403);
  await expect.poll(() => status(revoked.ask, sessions[1]), wait).toBe(401);
});

test('the token after a revocation, and a user whose block is lifted, are let in at once', async () => {
  const { id, ask } = await world.newcomer();
  expect((await create(ask)).status).toBe(200);
  await change(`api_token_pepper = 'next'`, id);
  const next = world.askWith(signed({ kiloUserId: id, apiTokenPepper: 'next', version: 3 }));
  expect((await create(next)).status).toBe(200);
  expect(await create(ask)).toEqual(invalid);
  await change(`blocked_reason = 'x', api_token_pepper = 'last'`, id);
  const last = world.askWith(signed({ kiloUserId: id, apiTokenPepper: 'last', version: 3 }));
  expect(await create(last)).toEqual(refused(403, 'User account is blocked'));
  await change('blocked_reason = null', id);
  expect((await create(last)).status).toBe(200);
});

test('who is not there costs Postgres one question in five minutes, however many isolates ask', async () => {
  const id = `late-${randomUUID()}`;
  const late = world.askWith(signed({ kiloUserId: id, apiTokenPepper: 'x', version: 3 }));
  const nobody = refused(403, 'User account not found');
  expect(await create(late)).toEqual(nobody);
  await run(
    world.databaseUrl,
    `insert into kilocode_users (id, google_user_email, google_user_name, google_user_image_url, stripe_customer_id, api_token_pepper)
     values ('${id}', '${id}@example.com', 'Late', '', '', 'x')`,
  );
  await world.restart();
  expect(await create(late)).toEqual(nobody);
  const { ask } = await world.newcomer();
  expect((await create(ask)).status).toBe(200);
});

test('while Postgres is away nobody is refused: it is an outage, and says so', async () => {
  const { ask } = await world.newcomer();
  const connections = (are: boolean) =>
    run(
      inject('postgresUrl'),
      `alter database ${new URL(world.databaseUrl).pathname.slice(1)} allow_connections ${are}`,
    );
  await connections(false);
  expect(await create(ask)).toEqual(refused(503, 'Service unavailable'));
  await connections(true);
  expect((await create(ask)).status).toBe(200);
});

const change = (columns: string, id: string) =>
  run(world.databaseUrl, `update kilocode_users set ${columns} where id = '${id}'`);

test('serves paths with doubled and trailing slashes', async () => {
  const { ask } = await world.newcomer();
  const sessionId = `ses_${randomUUID().slice(-12)}${'a'.repeat(14)}`;
  expect(await ask('POST', '//api/session/', { sessionId })).toMatchObject({ status: 200 });
});
