import { randomUUID } from 'node:crypto';
import { run } from '@gateway/db/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Ask,
  done,
  gone,
  newSession,
  type SessionWorld,
  startSessionWorld,
} from '../support/session-world.ts';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.stop());

test('a session is taken in, exported, shared, unshared and deleted with its children', async () => {
  const { ask } = await world.newcomer();
  const parent = await newSession(ask);
  const child = await newSession(ask);
  const data = [
    { type: 'part', data: { id: 'p1', messageID: 'm1', text: 'Hello' } },
    { type: 'message', data: { id: 'm1', role: 'user' } },
    { type: 'session', data: { id: child, title: ' T ', parentID: parent } },
  ];
  expect(await ask('POST', `/api/session/${child}/ingest?v=1`, { data })).toEqual(done);
  const snapshot = {
    status: 200,
    body: {
      info: { id: child, title: ' T ', parentID: parent },
      messages: [
        {
          info: { id: 'm1', role: 'user' },
          parts: [{ id: 'p1', messageID: 'm1', text: 'Hello' }],
        },
      ],
    },
  };
  expect(await ask('GET', `/api/session/${child}/export`)).toEqual(snapshot);

  const shared = await ask('POST', `/api/session/${child}/share`);
  const { public_id: publicId } = z.object({ public_id: z.string() }).parse(shared.body);
  expect(await ask('POST', `/api/session/${child}/share`)).toEqual(shared);
  expect(await ask('GET', `/session/${publicId}`)).toEqual(snapshot);
  expect(await ask('POST', `/api/session/${child}/unshare`)).toEqual(done);
  expect(await ask('GET', `/session/${publicId}`)).toEqual(gone);

  expect(await ask('DELETE', `/api/session/${parent}`)).toEqual(done);
  expect(await ask('DELETE', `/api/session/${parent}`)).toEqual(gone);
  expect(await ask('GET', `/api/session/${child}/export`)).toEqual(gone);
  expect(await ask('POST', `/api/session/${child}/ingest`, { data })).toEqual(gone);
});

test('a session of somebody else is not there', async () => {
  const [owner, other] = [await world.newcomer(), await world.newcomer()];
  const session = await newSession(owner.ask);
  expect(await other.ask('GET', `/api/session/${session}/export`)).toEqual(gone);
  expect(await other.ask('DELETE', `/api/session/${session}`)).toEqual(gone);
  expect(await other.ask('POST', `/api/session/${session}/ingest`, { data: [] })).toEqual(gone);
  expect((await owner.ask('GET', `/api/session/${session}/export`)).status).toBe(200);
});

test('a parent that is itself or is not there is refused', async () => {
  const { ask } = await world.newcomer();
  const session = await newSession(ask);
  const child = (parentID: string) => ({ data: [{ type: 'session', data: { parentID } }] });
  const ingest = `/api/session/${session}/ingest`;
  const self = { success: false, error: 'parent_session_id_cannot_be_self' };
  expect(await ask('POST', ingest, child(session))).toEqual({ status: 400, body: self });
  const unknown = { success: false, error: 'parent_session_not_found' };
  const answer = await ask('POST', ingest, child(`ses_${'x'.repeat(26)}`));
  expect(answer).toEqual({ status: 404, body: unknown });
});

test('a token that is revoked and a user who is blocked are refused within ten seconds', async () => {
  const [blocked, revoked] = [await world.newcomer(), await world.newcomer()];
  const session = await newSession(blocked.ask);
  const other = await newSession(revoked.ask);
  const set = (column: string, id: string) =>
    run(world.databaseUrl, `update kilocode_users set ${column} = 'x' where id = '${id}'`);
  await set('blocked_reason', blocked.id);
  await set('api_token_pepper', revoked.id);
  const ingest = { data: [] };
  const status = async (ask: Ask, of: string) =>
    (await ask('POST', `/api/session/${of}/ingest`, ingest)).status;
  const wait = { timeout: 15_000, interval: 500 };
  await expect.poll(() => status(blocked.ask, session), wait).toBe(403);
  await expect.poll(() => status(revoked.ask, other), wait).toBe(401);
});

test('a user who was blocked before, and one who is unknown, are refused at once', async () => {
  const [blocked, unknown] = [await world.newcomer(), await world.newcomer()];
  await run(
    world.databaseUrl,
    `update kilocode_users set blocked_reason = 'x' where id = '${blocked.id}'`,
  );
  await run(world.databaseUrl, `delete from kilocode_users where id = '${unknown.id}'`);
  const sessionId = `ses_${'a'.repeat(26)}`;
  const refused = (error: string) => ({ status: 403, body: { success: false, error } });
  const create = (ask: Ask) => ask('POST', '/api/session', { sessionId });
  expect(await create(blocked.ask)).toEqual(refused('User account is blocked'));
  expect(await create(unknown.ask)).toEqual(refused('User account not found'));
});

test('a deletion that failed half-way is repeated, and then nothing is left', async () => {
  const { ask } = await world.newcomer();
  const parent = await newSession(ask);
  const child = await newSession(ask);
  const data = [
    { type: 'message', data: { id: 'm1' } },
    { type: 'session', data: { id: child, parentID: parent } },
  ];
  expect(await ask('POST', `/api/session/${child}/ingest?v=1`, { data })).toEqual(done);
  await run(
    world.databaseUrl,
    `create function refuse() returns trigger as $$ begin raise exception 'not now'; end $$ language plpgsql;
     create trigger refuse before delete on cli_sessions_v2
     for each row when (old.session_id = '${parent}') execute function refuse()`,
  );
  expect((await ask('DELETE', `/api/session/${parent}`)).status).toBe(500);
  await run(world.databaseUrl, 'drop trigger refuse on cli_sessions_v2');
  expect(await ask('DELETE', `/api/session/${parent}`)).toEqual(done);
  expect(await ask('DELETE', `/api/session/${parent}`)).toEqual(gone);
  expect(await ask('GET', `/api/session/${child}/export`)).toEqual(gone);
  await ask('POST', '/api/session', { sessionId: child });
  expect(await ask('GET', `/api/session/${child}/export`)).toEqual({
    status: 200,
    body: { info: {}, messages: [] },
  });
});

test('another worker makes, exports and deletes a session by RPC', async () => {
  const { id: kiloUserId, ask } = await world.newcomer();
  const sessionId = `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}`;
  const named = { sessionId, kiloUserId };
  const exported = () => ask('POST', '/rpc/exportSession', named);
  expect((await exported()).body).toBeNull();
  await ask('POST', '/rpc/createSessionForCloudAgent', {
    ...named,
    cloudAgentSessionId: randomUUID(),
    createdOnPlatform: 'cloud-agent',
  });
  expect((await exported()).body).toBe('{"info":{},"messages":[]}');
  await ask('POST', '/rpc/deleteSessionForCloudAgent', named);
  await ask('POST', '/rpc/deleteSessionForCloudAgent', named);
  expect((await exported()).body).toBeNull();
});
