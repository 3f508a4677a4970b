import { randomUUID } from 'node:crypto';
import { ask as inDatabase } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { asRole, run } from '@gateway/db/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  done,
  gone,
  newSession,
  type SessionWorld,
  startSessionWorld,
} from '../../support/session-world.ts';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.stop());

async function rowOf(session: string) {
  const text = 'select * from cli_sessions_v2 where session_id = $1';
  const rows = await inDatabase(world.databaseUrl, { text, values: [session] }, z.looseObject({}));
  return rows[0];
}

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

test('what a session tells of itself is in its row, and what it takes back is not', async () => {
  const { id: user, ask } = await world.newcomer();
  const [own, foreign] = [randomUUID(), randomUUID()];
  await plant(world.databaseUrl, {
    organizations: [
      { id: own, name: 'Own' },
      { id: foreign, name: 'Foreign' },
    ],
    organization_memberships: [{ organization_id: own, kilo_user_id: user, role: 'member' }],
  });
  const parent = await newSession(ask);
  const session = await newSession(ask);
  const ingest = (meta: object, info: object) => {
    const data = [
      { type: 'kilo_meta', data: { platform: ' cli ', ...meta } },
      { type: 'session', data: info },
    ];
    return ask('POST', `/api/session/${session}/ingest?v=1`, { data });
  };
  const repository = {
    gitUrl: 'https://me:secret@host.example/a.git?key=1#x',
    gitBranch: ' main ',
  };
  const info = { title: ' A title ', parentID: parent };
  expect(await ingest({ ...repository, orgId: own }, info)).toEqual(done);
  const told = {
    title: 'A title',
    parent_session_id: parent,
    created_on_platform: 'cli',
    organization_id: own,
    git_url: 'https://host.example/a.git',
    git_branch: 'main',
  };
  expect(await rowOf(session)).toMatchObject(told);

  const taken = { gitUrl: 'file:///home/me', gitBranch: ' ', orgId: foreign };
  expect(await ingest(taken, { title: '', parentID: null })).toEqual(done);
  expect(await rowOf(session)).toMatchObject({
    title: null,
    parent_session_id: null,
    created_on_platform: 'cli',
    organization_id: own,
    git_url: null,
    git_branch: null,
  });
  await ingest({}, { title: 7 });
  expect(await rowOf(session)).toMatchObject({ title: null });
});

test('a batch and an export of a known session need no row of it', async () => {
  const { ask } = await world.newcomer();
  const session = await newSession(ask);
  const data = [{ type: 'message', data: { id: 'm1' } }];
  await run(world.databaseUrl, 'revoke all on cli_sessions_v2 from session_ingest');
  expect(await ask('POST', `/api/session/${session}/ingest?v=1`, { data })).toEqual(done);
  expect((await ask('GET', `/api/session/${session}/export`)).status).toBe(200);
  expect((await ask('POST', `/api/session/${session}/share`)).status).toBe(500);
  await asRole('session_ingest', world.databaseUrl);
  expect((await ask('POST', `/api/session/${session}/share`)).status).toBe(200);
});

test('a session that is malformed or unknown is refused on each route', async () => {
  const { ask } = await world.newcomer();
  const invalid = (error: string) => ({ status: 400, body: { success: false, error } });
  const unknown = `ses_${'u'.repeat(26)}`;
  for (const [method, end] of [
    ['POST', '/ingest'],
    ['GET', '/export'],
    ['POST', '/share'],
    ['POST', '/unshare'],
    ['DELETE', ''],
  ] as const) {
    const body = end === '/ingest' ? { data: [] } : undefined;
    const malformed = await ask(method, `/api/session/ses_short${end}`, body);
    expect(malformed).toMatchObject(invalid('Invalid sessionId'));
    expect(await ask(method, `/api/session/${unknown}${end}`, body)).toEqual(gone);
  }
  const created = await ask('POST', '/api/session', { sessionId: `sess${'x'.repeat(26)}` });
  expect(created).toMatchObject(invalid('Invalid sessionId'));
  expect(await ask('GET', '/session/none')).toMatchObject(invalid('Invalid session id'));
  expect(await ask('GET', `/session/${randomUUID()}`)).toEqual(gone);
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
  const organizationId = randomUUID();
  await plant(world.databaseUrl, { organizations: [{ id: organizationId, name: 'Acme' }] });
  const sessionId = `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}`;
  const named = { sessionId, kiloUserId };
  const exported = () => ask('POST', '/rpc/exportSession', named);
  const created = async (more: object) => {
    const cloudAgentSessionId = randomUUID();
    const session = { ...named, cloudAgentSessionId, createdOnPlatform: 'cloud-agent', ...more };
    await ask('POST', '/rpc/createSessionForCloudAgent', session);
    return cloudAgentSessionId;
  };
  expect((await exported()).body).toBeNull();
  await created({ organizationId });
  const cloudAgentSessionId = await created({});
  expect(await rowOf(sessionId)).toMatchObject({
    kilo_user_id: kiloUserId,
    cloud_agent_session_id: cloudAgentSessionId,
    organization_id: organizationId,
    created_on_platform: 'cloud-agent',
  });
  expect((await exported()).body).toBe('{"info":{},"messages":[]}');
  await ask('POST', '/rpc/deleteSessionForCloudAgent', named);
  await ask('POST', '/rpc/deleteSessionForCloudAgent', named);
  expect((await exported()).body).toBeNull();
  expect(await rowOf(sessionId)).toBeUndefined();
});
