import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { asRole, run } from '@gateway/db/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ADMIN_TOKEN,
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

async function sharer() {
  const person = await world.newcomer();
  const session = await newSession(person.ask);
  const share = async () => {
    const { body } = await person.ask('POST', `/api/session/${session}/share`);
    return z.object({ public_id: z.uuid() }).parse(body).public_id;
  };
  return { ...person, share };
}
const read = (publicId: string) => world.askWith(null)('GET', `/session/${publicId}`);

test('a link of a blocked user leads nowhere', async () => {
  const { id, share } = await sharer();
  const publicId = await share();
  expect((await read(publicId)).status).toBe(200);
  await run(
    world.databaseUrl,
    `update kilocode_users set blocked_reason = 'spam' where id = '${id}'`,
  );
  expect(await read(publicId)).toEqual(gone);
});

test('an operator takes a link away, and its owner can share again under another one', async () => {
  const { share } = await sharer();
  const publicId = await share();
  const operator = world.askWith(`Bearer ${ADMIN_TOKEN}`);
  expect(await operator('DELETE', `/admin/shared/${publicId}`)).toEqual(done);
  expect(await read(publicId)).toEqual(gone);
  expect(await operator('DELETE', `/admin/shared/${publicId}`)).toEqual(gone);
  const again = await share();
  expect(again).not.toBe(publicId);
  expect((await read(again)).status).toBe(200);
});

test('for whoever has not the admin token, there is no way to take a link away', async () => {
  const { token, share } = await sharer();
  const publicId = await share();
  const notFound = { status: 404, body: { success: false, error: 'Not found' } };
  for (const authorization of [null, 'Bearer ', 'Bearer none', `Bearer ${token}`]) {
    const stranger = world.askWith(authorization);
    expect(await stranger('DELETE', `/admin/shared/${publicId}`)).toEqual(notFound);
  }
  expect((await read(publicId)).status).toBe(200);
});

test('an unknown id is not asked of Postgres again', async () => {
  const unknown = randomUUID();
  expect(await read(unknown)).toEqual(gone);
  const role = new URL(await asRole('session_ingest', world.databaseUrl)).username;
  await run(world.databaseUrl, `revoke select on cli_sessions_v2 from ${role}`);
  const answers = [
    await read(unknown),
    await read(unknown.toUpperCase()),
    await read(randomUUID()),
  ];
  await run(world.databaseUrl, `grant select on cli_sessions_v2 to ${role}`);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 500]);
});

/** What is answered to a body that ends before its announced length. */
async function brokenOff(path: string, token: string): Promise<string> {
  const { hostname, port } = new URL(world.urlOf('/'));
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: sessions',
    `authorization: Bearer ${token}`,
    'content-length: 1000',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n{"data": [`);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  return answer;
}

test('an upload that breaks off is no unexpected error', async () => {
  const { token } = await world.newcomer();
  await brokenOff('/api/session', token);
  // The next request is answered after the one before it was, by the same isolate.
  expect(await read(randomUUID())).toEqual(gone);
  expect(world.linesWith('unexpected error').filter((line) => line.includes('POST'))).toEqual([]);
});
