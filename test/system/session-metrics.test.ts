import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSession, type SessionWorld, startSessionWorld } from '../support/session-world.ts';

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
  const { ask } = await world.newcomer();
  const id = await newSession(ask);
  return {
    reports: () => world.reportsOf(id),
    ingest: (...data: readonly object[]) => ask('POST', `/api/session/${id}/ingest?v=1`, { data }),
  };
}

test('a session that closes is reported once, also when its batches come again', async () => {
  const { reports, ingest } = await session();
  const answer = { id: 'm2', role: 'assistant', tokens: { input: 1.5 }, cost: -1 };
  const batch = [open, message, { type: 'message', data: answer }, close];
  await ingest(...batch);
  await expect.poll(reports, wait).toHaveLength(1);
  expect(reports()[0]).toContain('"terminationReason":"completed"');
  expect(reports()[0]).toContain('"input":2');
  await ingest(...batch);
  await sleep(SILENCE_MS);
  expect(reports()).toHaveLength(1);
});

test('a session that is never closed is reported once', async () => {
  const { reports, ingest } = await session();
  await ingest(open, message);
  await expect.poll(reports, wait).toHaveLength(1);
  expect(reports()[0]).toContain('"terminationReason":"abandoned"');
  await ingest(message);
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
