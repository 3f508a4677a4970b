import { randomUUID } from 'node:crypto';
import { beforeAll, expect, inject, test } from 'vitest';
import { UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import { connect } from '../connect.ts';
import type { Database } from '../database.ts';
import { prepareDatabase } from '../migrate.ts';
import { plant } from '../seed.ts';
import { createTestDatabase } from '../test-database.ts';
import { sessionAccount } from './session-account.ts';
import { deleteSessions, sessionFamily } from './session-delete.ts';
import { createSession, sessionExists, upsertCloudAgentSession } from './session-rows.ts';
import { sharedSession, shareSession, unshareSession } from './session-share.ts';
import { updateSession } from './session-update.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const Row = z.looseObject({ session_id: z.string() });
const sessionId = () => `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}`;

async function withUser<T>(work: (database: Database, user: UserId) => Promise<T>): Promise<T> {
  const id = UserId.parse(`user-${randomUUID()}`);
  const user = {
    id,
    google_user_email: `${id}@example.com`,
    google_user_name: 'A user',
    google_user_image_url: '',
    stripe_customer_id: '',
    api_token_pepper: 'pepper',
  };
  await plant(url, { kilocode_users: [user] });
  const database = await connect(url);
  try {
    return await work(database, id);
  } finally {
    await database.close();
  }
}
const rowOf = async (database: Database, session_id: string) => {
  const text = 'select * from cli_sessions_v2 where session_id = $1';
  const [row] = await database.rows({ text, values: [session_id] }, Row);
  return row;
};
const newSession = async (database: Database, kilo_user_id: UserId) => {
  const key = { kilo_user_id, session_id: sessionId() };
  await createSession(database, key);
  return key;
};

test('an account has a pepper and a block, and nobody has none', () =>
  withUser(async (database, user) => {
    expect(await sessionAccount(database, user)).toEqual({
      api_token_pepper: 'pepper',
      blocked_reason: null,
    });
    expect(await sessionAccount(database, UserId.parse('nobody'))).toBeNull();
  }));

test('creating a session twice leaves it as it is', () =>
  withUser(async (database, user) => {
    const key = await newSession(database, user);
    await updateSession(database, key, { title: 'T\0itle' });
    await createSession(database, key);
    expect(await rowOf(database, key.session_id)).toMatchObject({ title: 'Title' });
    expect(await sessionExists(database, key)).toBe(true);
    expect(await sessionExists(database, { ...key, kilo_user_id: 'other' })).toBe(false);
  }));

test('an update changes what it names, and null clears', () =>
  withUser(async (database, user) => {
    const parent = await newSession(database, user);
    const key = await newSession(database, user);
    const change = {
      title: 'Title',
      parent_session_id: parent.session_id,
      git_url: 'https://host.example/a',
      created_on_platform: 'cli',
    };
    expect(await updateSession(database, key, change)).toBe('updated');
    expect(await rowOf(database, key.session_id)).toMatchObject(change);
    await updateSession(database, key, { parent_session_id: null, created_on_platform: null });
    expect(await rowOf(database, key.session_id)).toMatchObject({
      ...change,
      parent_session_id: null,
    });
  }));

test('a parent must be a session of the same user', () =>
  withUser(async (database, user) => {
    const key = await newSession(database, user);
    for (const parent_session_id of [sessionId(), 'ses_\0']) {
      expect(await updateSession(database, key, { parent_session_id })).toBe('parent-not-found');
    }
    const unknown = { ...key, session_id: sessionId() };
    expect(await updateSession(database, unknown, { title: 'x' })).toBe('session-not-found');
  }));

test('an organisation counts for its members only', () =>
  withUser(async (database, user) => {
    const [own, foreign] = [randomUUID(), randomUUID()];
    await plant(url, {
      organizations: [
        { id: own, name: 'Own' },
        { id: foreign, name: 'Foreign' },
      ],
      organization_memberships: [{ organization_id: own, kilo_user_id: user, role: 'member' }],
    });
    const key = await newSession(database, user);
    await updateSession(database, key, { organization_id: own });
    await updateSession(database, key, { organization_id: foreign });
    expect(await rowOf(database, key.session_id)).toMatchObject({ organization_id: own });
  }));

test('sharing twice gives the same id, and unsharing ends it', () =>
  withUser(async (database, user) => {
    const key = await newSession(database, user);
    const ids = await Promise.all(
      [randomUUID(), randomUUID()].map((id) => shareSession(database, key, id)),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await sharedSession(database, ids[0] ?? '')).toEqual(key);
    expect(await unshareSession(database, key)).toBe(true);
    expect(await sharedSession(database, ids[0] ?? '')).toBeNull();
    const unknown = { ...key, session_id: sessionId() };
    expect(await shareSession(database, unknown, randomUUID())).toBeNull();
    expect(await unshareSession(database, unknown)).toBe(false);
  }));

test('a family is ten generations, and can be deleted also where it goes on, or is a ring', () =>
  withUser(async (database, user) => {
    const keys: { kilo_user_id: UserId; session_id: string }[] = [];
    for (let generation = 0; generation < 12; generation += 1) {
      const key = await newSession(database, user);
      const parent_session_id = keys.at(-1)?.session_id ?? null;
      await updateSession(database, key, { parent_session_id });
      keys.push(key);
    }
    const [first] = keys;
    if (!first) throw new Error('No session.');
    const family = await sessionFamily(database, first);
    expect(family.toSorted()).toEqual(
      keys
        .slice(0, 10)
        .map((key) => key.session_id)
        .toSorted(),
    );
    await updateSession(database, first, { parent_session_id: keys[1]?.session_id ?? null });
    expect(await sessionFamily(database, first)).toHaveLength(10);
    await deleteSessions(database, user, family);
    await deleteSessions(database, user, family);
    expect(await sessionFamily(database, first)).toEqual([]);
    expect(await rowOf(database, keys[10]?.session_id ?? '')).toMatchObject({
      parent_session_id: null,
    });
  }));

test('a session of the cloud agent keeps its organisation', () =>
  withUser(async (database, user) => {
    const organization = randomUUID();
    await plant(url, { organizations: [{ id: organization, name: 'Acme' }] });
    const session = {
      kilo_user_id: user,
      session_id: sessionId(),
      cloud_agent_session_id: `agent-${randomUUID()}`,
      organization_id: organization,
      created_on_platform: 'cloud-agent',
    };
    await upsertCloudAgentSession(database, session);
    const next = { ...session, cloud_agent_session_id: `agent-${randomUUID()}` };
    await upsertCloudAgentSession(database, { ...next, organization_id: null });
    expect(await rowOf(database, session.session_id)).toMatchObject({
      cloud_agent_session_id: next.cloud_agent_session_id,
      organization_id: organization,
    });
  }));
