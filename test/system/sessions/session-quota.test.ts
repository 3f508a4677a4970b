import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  done,
  newSession,
  type SessionWorld,
  startSessionWorld,
} from '../../support/session-world.ts';

// What one user may keep, whoever else keeps what, and however many requests come at once.

const MEBIBYTE = 1024 * 1024;
let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({
    SESSION_BYTES_MAX_PER_USER: String(2 * MEBIBYTE),
    SESSIONS_MAX_PER_USER: '5',
  });
});
afterAll(() => world.stop());

const full = { status: 413, body: { success: false, error: 'session_storage_full' } };
const batch = (n: number, bytes: number) => ({
  data: [{ type: 'part', data: { id: `p${n}`, messageID: 'm', text: 'x'.repeat(bytes) } }],
});

test('keeps at most the quota of parallel batches, and deleting gives it back', async () => {
  const { ask } = await world.newcomer();
  const [first, second] = [await newSession(ask), await newSession(ask)];
  const ingest = (session: string, n: number, bytes: number) =>
    ask('POST', `/api/session/${session}/ingest?v=1`, batch(n, bytes));
  const sent = Array.from({ length: 20 }, (_, n) =>
    ingest(n % 2 === 0 ? first : second, n, 400_000),
  );
  const answers = await Promise.all(sent);
  const kept = answers.filter(({ status }) => status === 200);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length * 400_000).toBeLessThanOrEqual(2 * MEBIBYTE);
  expect(answers.filter(({ status }) => status !== 200)).toEqual(
    Array.from({ length: 20 - kept.length }, () => full),
  );
  expect(await ingest(first, 100, 1_500_000)).toEqual(full);

  expect(await ask('DELETE', `/api/session/${first}`)).toEqual(done);
  expect(await ask('DELETE', `/api/session/${second}`)).toEqual(done);
  const third = await newSession(ask);
  expect(await ingest(third, 1, 1_500_000)).toEqual(done);
});

test('remembers what is kept when it starts anew, and one user takes no room from another', async () => {
  const [one, other] = [await world.newcomer(), await world.newcomer()];
  const path = `/api/session/${await newSession(one.ask)}/ingest?v=1`;
  expect(await one.ask('POST', path, batch(1, 1_500_000))).toEqual(done);
  await world.restart();
  expect(await one.ask('POST', path, batch(2, 1_000_000))).toEqual(full);
  const others = `/api/session/${await newSession(other.ask)}/ingest?v=1`;
  expect(await other.ask('POST', others, batch(1, 1_500_000))).toEqual(done);
});

test('lets a user have so many sessions, also when they are made at once', async () => {
  const { ask } = await world.newcomer();
  const id = (n: number) => `ses_${String(n).padStart(26, '0')}`;
  const make = (n: number) => ask('POST', '/api/session', { sessionId: id(n) });
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => make(n)));
  const made = [...answers.keys()].filter((n) => answers[n]?.status === 200);
  expect(made).toHaveLength(5);
  const refused = { status: 429, body: { success: false, error: 'too_many_sessions' } };
  expect(answers.filter(({ status }) => status !== 200)).toEqual(
    Array.from({ length: 7 }, () => refused),
  );
  const [known = 0] = made;
  expect((await make(known)).status).toBe(200);
  expect(await ask('DELETE', `/api/session/${id(known)}`)).toEqual(done);
  expect((await make(20)).status).toBe(200);
});
