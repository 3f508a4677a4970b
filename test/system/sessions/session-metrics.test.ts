import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSession, type SessionWorld, startSessionWorld } from '../../support/session-world.ts';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({ SESSION_ABANDONED_SECONDS: '2', METRICS_RETRY_SECONDS: '1' });
});
afterAll(() => world.stop());

/** Only guards against a test that would wait for ever. */
const wait = { timeout: 30_000 };
/** Longer than any alarm that could still be set. */
const SILENCE_MS = 7_000;

const message = { type: 'message', data: { id: 'm1', role: 'user' } };
const open = { type: 'session_open', data: {} };
const close = { type: 'session_close', data: { reason: 'completed' } };

async function session() {
  const { id: user, ask } = await world.newcomer();
  const id = await newSession(ask);
  return {
    id,
    user,
    reports: () => world.reportsOf(id),
    ingest: (...data: readonly object[]) => ask('POST', `/api/session/${id}/ingest?v=1`, { data }),
  };
}

test('a session that closes is reported once, with whole numbers from zero up, also when its batches come again', async () => {
  const { id, user, reports, ingest } = await session();
  const tool = (part: string, status: string) => ({
    type: 'part',
    data: { id: part, messageID: 'm2', type: 'tool', tool: 'read', state: { status, input: 'a' } },
  });
  const answer = {
    id: 'm2',
    role: 'assistant',
    time: { created: 1_500.4 },
    tokens: { input: 1.5, output: -3, reasoning: 1e300, cache: { read: 4, write: 'many' } },
    cost: -1,
    error: { name: 'APIError' },
  };
  const batch = [
    open,
    { type: 'kilo_meta', data: { platform: 'cli' } },
    { type: 'model', data: [{ id: 'first' }, { id: 'last' }] },
    { type: 'session', data: { id, time: { created: 5_000, updated: 1_000.7 } } },
    { type: 'message', data: { id: 'm1', role: 'user', time: { created: 1_000 } } },
    { type: 'message', data: answer },
    ...['t1', 't2'].map((part) => tool(part, 'completed')),
    tool('t3', 'error'),
    { type: 'part', data: { id: 's1', messageID: 'm2', type: 'step-finish' } },
    { type: 'part', data: { id: 'c1', messageID: 'm2', type: 'compaction', auto: true } },
    close,
  ];
  await ingest(...batch);
  await expect.poll(reports, wait).toEqual([
    {
      kiloUserId: user,
      sessionId: id,
      organizationId: '',
      platform: 'cli',
      model: 'last',
      ingestVersion: 1,
      terminationReason: 'completed',
      sessionDurationMs: 0,
      timeToFirstResponseMs: 500,
      totalTurns: 1,
      totalSteps: 1,
      toolCallsByType: { read: 3 },
      toolErrorsByType: { read: 1 },
      totalErrors: 2,
      errorsByType: { APIError: 1 },
      stuckToolCallCount: 3,
      totalTokens: {
        input: 2,
        output: 0,
        reasoning: Number.MAX_SAFE_INTEGER,
        cacheRead: 4,
        cacheWrite: 0,
      },
      totalCost: 0,
      compactionCount: 1,
      autoCompactionCount: 1,
    },
  ]);
  await ingest(...batch);
  await sleep(SILENCE_MS);
  expect(reports()).toHaveLength(1);
});

test('a session that is never closed is reported once', async () => {
  const { reports, ingest } = await session();
  await ingest(open, message);
  await expect.poll(reports, wait).toHaveLength(1);
  expect(reports()[0]?.terminationReason).toBe('abandoned');
  await ingest(message, { type: 'message', data: { id: 'm2', role: 'user' } });
  await sleep(SILENCE_MS);
  expect(reports()).toHaveLength(1);
});

test('a session whose opening never came is reported too', async () => {
  const { reports, ingest } = await session();
  await ingest(message);
  await expect.poll(reports, wait).toHaveLength(1);
});

test('an outage of o11y and a restart in it delay a report, and lose none', async () => {
  const [closed, left] = [await session(), await session()];
  const failed = world.reportsFailed();
  await world.letO11y('away');
  await closed.ingest(open, message, close);
  await left.ingest(open, message);
  await expect.poll(() => world.reportsFailed() - failed, wait).toBeGreaterThan(3);
  expect([...closed.reports(), ...left.reports()]).toEqual([]);
  await world.restart();
  await world.letO11y('back');
  await expect.poll(closed.reports, wait).toHaveLength(1);
  await expect.poll(left.reports, wait).toHaveLength(1);
  await sleep(SILENCE_MS);
  expect([closed.reports().length, left.reports().length]).toEqual([1, 1]);
});
