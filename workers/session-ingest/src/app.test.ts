import { UserId } from '@gateway/worker-utils/ids';
import { systemIntake } from '@gateway/worker-utils/system-intake';
import { expect, test } from 'vitest';
import type { AppNeeds } from './app-needs.ts';
import { app } from './app.ts';
import { DatabaseAway } from './database-away.ts';

const id = `ses_${'a'.repeat(26)}`;
const publicId = '2b3a9c1e-6f0d-4c55-9a44-0f4a1d8e7b21';
const stream = () => new Blob(['{"info":{},"messages":[]}']).stream();

function call(override: Partial<AppNeeds> = {}) {
  const lines: unknown[] = [];
  const write = (...line: unknown[]) => void lines.push(line);
  const needs: AppNeeds = {
    holder: async () => ({ ok: true, value: UserId.parse('user-1') }),
    unfitSecrets: async () => [],
    isOperator: async () => true,
    revokeShare: async () => true,
    create: async () => undefined,
    remove: async () => true,
    ingest: async () => 'ingested',
    export: async () => stream(),
    exportShared: async () => stream(),
    share: async () => publicId,
    unshare: async () => true,
    intake: systemIntake,
    log: { info: write, warn: write, error: write },
    ...override,
  };
  return async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, ...(body !== undefined && { body: text }) };
    const response = await app.request(path, init, needs);
    const json: unknown = await response.json();
    return { status: response.status, body: json };
  };
}

test('each route answers a session that is there', async () => {
  const ask = call();
  const ok = { success: true };
  expect(await ask('POST', '/api/session', { sessionId: id })).toEqual({
    status: 200,
    body: { id, ingestPath: `/api/session/${id}/ingest` },
  });
  const ingest = await ask('POST', `/api/session/${id}/ingest?v=1`, { data: [] });
  expect(ingest).toEqual({ status: 200, body: ok });
  expect(await ask('POST', `/api/session/${id}/share`)).toEqual({
    status: 200,
    body: { success: true, public_id: publicId },
  });
  expect((await ask('POST', `/api/session/${id}/unshare`)).body).toEqual(ok);
  expect((await ask('DELETE', `/api/session/${id}`)).body).toEqual(ok);
  const snapshot = { info: {}, messages: [] };
  expect((await ask('GET', `/api/session/${id}/export`)).body).toEqual(snapshot);
  expect((await ask('GET', `/session/${publicId}`)).body).toEqual(snapshot);
});

test('each route says that a session is not there', async () => {
  const ask = call({
    remove: async () => false,
    ingest: async () => 'session-not-found',
    export: async () => null,
    exportShared: async () => null,
    share: async () => null,
    unshare: async () => false,
  });
  const refused = { status: 404, body: { success: false, error: 'session_not_found' } };
  expect(await ask('POST', `/api/session/${id}/ingest`, { data: [] })).toEqual(refused);
  expect(await ask('POST', `/api/session/${id}/share`)).toEqual(refused);
  expect(await ask('POST', `/api/session/${id}/unshare`)).toEqual(refused);
  expect(await ask('DELETE', `/api/session/${id}`)).toEqual(refused);
  expect(await ask('GET', `/api/session/${id}/export`)).toEqual(refused);
  expect(await ask('GET', `/session/${publicId}`)).toEqual(refused);
});

test.each([
  ['no-token', 401, 'Missing or malformed Authorization header'],
  ['bad-token', 401, 'Invalid or expired token'],
  ['unknown-user', 403, 'User account not found'],
  ['blocked-user', 403, 'User account is blocked'],
] as const)('a holder that is refused: %s', async (flaw, status, error) => {
  const ask = call({ holder: async () => ({ ok: false, error: flaw }) });
  const refused = { status, body: { success: false, error } };
  expect(await ask('POST', '/api/session', { sessionId: id })).toEqual(refused);
  expect(await ask('GET', `/api/session/${id}/export`)).toEqual(refused);
  expect((await ask('GET', `/session/${publicId}`)).status).toBe(200);
});

test.each([
  ['parent-is-self', 400, 'parent_session_id_cannot_be_self'],
  ['parent-not-found', 404, 'parent_session_not_found'],
  ['session-full', 413, 'session_too_large'],
  ['storage-full', 413, 'session_storage_full'],
] as const)('a batch that is refused: %s', async (outcome, status, error) => {
  const ask = call({ ingest: async () => outcome });
  const answer = await ask('POST', `/api/session/${id}/ingest`, { data: [] });
  expect(answer).toEqual({ status, body: { success: false, error } });
});

test.each([
  ['POST', '/api/session', { sessionId: 'ses_short' }, 'Invalid sessionId'],
  ['POST', '/api/session', { sessionId: `ses_\0${'a'.repeat(25)}` }, 'Invalid sessionId'],
  ['POST', '/api/session', '{', 'Invalid request body'],
  ['DELETE', '/api/session/other', undefined, 'Invalid sessionId'],
  ['GET', '/api/session/other/export', undefined, 'Invalid sessionId'],
  ['POST', `/api/session/${id}/ingest`, '{', 'Invalid request body'],
  ['POST', `/api/session/${id}/ingest`, { data: [{ type: 'message' }] }, 'Invalid request body'],
  ['POST', `/api/session/${id}/ingest`, { data: [{ data: {} }] }, 'Invalid request body'],
  [
    'POST',
    `/api/session/${id}/ingest`,
    { data: Array.from({ length: 20_001 }, () => ({ type: 'x' })) },
    'Invalid request body',
  ],
  ['GET', '/session/other', undefined, 'Invalid session id'],
])('a request that is malformed: %s %s %.40j', async (method, path, body, error) => {
  const answer = await call()(method, path, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ success: false, error });
  expect(answer.body).toHaveProperty('issues');
});

test.each([
  ['?v=2', 2],
  ['', 0],
  ['?v=', 0],
  ['?v=-1', 0],
  ['?v=1.5', 0],
  ['?v=x', 0],
])('the version of a client: %s', async (query, expected) => {
  const seen: number[] = [];
  const ask = call({
    ingest: async (_key, { version }) => {
      seen.push(version);
      return 'ingested';
    },
  });
  await ask('POST', `/api/session/${id}/ingest${query}`, { data: [] });
  expect(seen).toEqual([expected]);
});

test.each([
  [' '.repeat(21 * 1024 * 1024), 'The request body must not exceed 20 MiB.'],
  [
    `[${'{},'.repeat(200_000)}{}]`,
    'The request body must not have more than 150000 structural characters.',
  ],
  ['['.repeat(101), 'The request body must not be nested deeper than 100 levels.'],
])('a body beyond a limit is refused, and says which it was: %.20s', async (body, message) => {
  const refused = { status: 413, body: { success: false, error: 'Request too large', message } };
  expect(await call()('POST', `/api/session/${id}/ingest`, body)).toEqual(refused);
  expect(await call()('POST', '/api/session', body)).toEqual(refused);
});

test('items of a type that only a newer client knows are left out, and the rest is kept', async () => {
  const seen: string[] = [];
  const ask = call({
    ingest: async (_key, { items }) => {
      seen.push(...items.map((item) => item.id));
      return 'ingested';
    },
  });
  const data = [
    { type: 'session_status', data: { status: 'busy' } },
    { type: 'message', data: { id: 'm' } },
  ];
  expect((await ask('POST', `/api/session/${id}/ingest?v=2`, { data })).status).toBe(200);
  expect(seen).toEqual(['message/m']);
});

test('of an item that is malformed, the place is told', async () => {
  const data = [
    { type: 'session_status', data: {} },
    { type: 'part', data: { id: 'p' } },
  ];
  const answer = await call()('POST', `/api/session/${id}/ingest`, { data });
  expect(answer.body).toMatchObject({ issues: [{ path: ['data', 1, 'data', 'messageID'] }] });
});

test('an outage of the database is one, and a bug says nothing of itself', async () => {
  const failing = (cause: Error) =>
    call({
      share: async () => {
        throw cause;
      },
    })('POST', `/api/session/${id}/share`);
  expect((await failing(new DatabaseAway('host'))).status).toBe(503);
  expect(await failing(new Error('secret'))).toEqual({
    status: 500,
    body: { success: false, error: 'Internal server error' },
  });
});

test('an unknown path is not found', async () => {
  const answer = await call()('GET', '/nowhere');
  expect(answer).toEqual({ status: 404, body: { success: false, error: 'Not found' } });
});

test('its health says whether its secrets can be used, and not which can not', async () => {
  expect(await call()('GET', '/health')).toEqual({ status: 200, body: { status: 'ok' } });
  const weak = call({ unfitSecrets: async () => ['NEXTAUTH_SECRET_PROD'] });
  expect(await weak('GET', '/health')).toEqual({ status: 503, body: { status: 'failing' } });
});
