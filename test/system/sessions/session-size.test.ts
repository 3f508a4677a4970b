import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  done,
  newSession,
  type SessionWorld,
  startSessionWorld,
} from '../../support/session-world.ts';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.stop());

const MEBIBYTE = 1024 * 1024;
const id = (index: number): string => `m${String(index).padStart(3, '0')}`;
const message = (index: number) => ({ type: 'message', data: { id: id(index) } });
const part = (index: number, text: string) => ({
  type: 'part',
  data: { id: 'p', messageID: id(index), text },
});

/** What the heaps of a new process grow to with five hundred requests of any kind, and room beside it. */
const INGEST_GROWTH_BYTES_MAX = 128 * MEBIBYTE;
/** Made in memory, a snapshot of 50 MB would take three times as much: a text, and the bytes of it. */
const EXPORT_GROWTH_BYTES_MAX = 60 * MEBIBYTE;

test('fifty megabytes in 500 batches, shuffled and repeated, make the session that they make in order, in bounded memory', async () => {
  const { ask } = await world.newcomer();
  const text = 'x'.repeat(100_000);
  const state = (index: number, time: object) => ({
    type: 'message',
    data: { id: id(index), time },
  });
  // Each batch also tells that another message is complete: shuffled, many are before they have begun.
  const batches = Array.from({ length: 500 }, (_, index) => [
    state(index, { created: 1 }),
    part(index, text),
    state((index + 499) % 500, { created: 1, completed: 2 }),
  ]);
  const ingested = async (order: readonly number[]) => {
    const session = await newSession(ask);
    for (const index of order) {
      const data = batches[index];
      expect(await ask('POST', `/api/session/${session}/ingest?v=1`, { data })).toEqual(done);
    }
    return session;
  };
  const exported = (session: string) => ask('GET', `/api/session/${session}/export`);
  const inOrder = [...batches.keys()];
  const shuffled = inOrder.map((index) => (index * 17) % batches.length);
  const repeats = inOrder.map((index) => (index * 31) % batches.length).slice(0, 200);

  await exported(await ingested([0]));
  const peakBytes = [world.peakResidentBytes()];
  const session = await ingested([...shuffled, ...repeats]);
  peakBytes.push(world.peakResidentBytes());
  const snapshot = await exported(session);
  peakBytes.push(world.peakResidentBytes());
  const [before = 0, afterIngest = 0, afterExport = 0] = peakBytes;
  expect(snapshot).toEqual({
    status: 200,
    body: {
      info: {},
      messages: inOrder.map((index) => ({
        info: { id: id(index), time: { created: 1, completed: 2 } },
        parts: [{ id: 'p', messageID: id(index), text }],
      })),
    },
  });
  expect(await exported(await ingested(inOrder))).toEqual(snapshot);
  expect(afterIngest - before).toBeLessThan(INGEST_GROWTH_BYTES_MAX);
  expect(afterExport - afterIngest).toBeLessThan(EXPORT_GROWTH_BYTES_MAX);
});

/** What stands between the worker and a client that reads slowly, and one item after the other: not the session. */
const EXPORT_BYTES_MAX = 60 * MEBIBYTE;

test('an export of a hundred megabytes is made while it is read: what comes meanwhile is in it, and memory is bounded', async () => {
  const { ask, token } = await world.newcomer();
  const session = await newSession(ask);
  const ingest = (data: readonly object[]) =>
    ask('POST', `/api/session/${session}/ingest?v=1`, { data });
  const text = 'x'.repeat(MEBIBYTE);
  for (let first = 0; first < 100; first += 10) {
    const indices = Array.from({ length: 10 }, (_, index) => first + index);
    const data = indices.flatMap((index) => [message(index), part(index, text)]);
    expect(await ingest(data)).toEqual(done);
  }
  const before = world.residentBytes();
  let most = before;
  const response = await fetch(world.urlOf(`/api/session/${session}/export`), {
    headers: { authorization: `Bearer ${token}` },
  });
  const body: ReadableStream<Uint8Array> | null = response.body;
  const chunks = body?.values();
  await chunks?.next();
  expect(await ingest([message(999), part(999, 'late')])).toEqual(done);
  let bytes = 0;
  let last = '';
  for await (const chunk of chunks ?? []) {
    bytes += chunk.byteLength;
    last = `${last}${new TextDecoder().decode(chunk)}`.slice(-200);
    most = Math.max(most, world.residentBytes());
  }
  expect(bytes).toBeGreaterThan(99 * MEBIBYTE);
  expect(last).toContain('"text":"late"');
  expect(most - before).toBeLessThan(EXPORT_BYTES_MAX);
});

test('a body that is too large, too deep or of too many parts is refused with what the limit is', async () => {
  const { ask } = await world.newcomer();
  const ingest = `/api/session/${await newSession(ask)}/ingest?v=1`;
  const refused = (limit: string) => ({
    status: 413,
    body: {
      success: false,
      error: 'Request too large',
      message: `The request body must not ${limit}`,
    },
  });
  expect(await ask('POST', ingest, ' '.repeat(21 * MEBIBYTE))).toEqual(refused('exceed 20 MiB.'));
  const deep = '['.repeat(101);
  expect(await ask('POST', ingest, deep)).toEqual(refused('be nested deeper than 100 levels.'));
  const many = `{"data":[${'{},'.repeat(200_000)}{}]}`;
  const elements = refused('have more than 150000 structural characters.');
  expect(await ask('POST', ingest, many)).toEqual(elements);
  const data = Array.from({ length: 20_001 }, () => ({ type: 'x' }));
  expect(await ask('POST', ingest, { data })).toMatchObject({
    status: 400,
    body: { success: false, error: 'Invalid request body' },
  });
});

test('the largest body is kept whole, and another worker gets as much of it as one call can carry', async () => {
  const { id: kiloUserId, ask } = await world.newcomer();
  const sessionId = await newSession(ask);
  const ingest = (parts: number, text: string) =>
    ask('POST', `/api/session/${sessionId}/ingest?v=1`, {
      data: Array.from({ length: parts }, (_, index) => ({
        type: 'part',
        data: { id: `p${index}`, messageID: id(0), text },
      })),
    });
  const exported = async () =>
    JSON.stringify((await ask('GET', `/api/session/${sessionId}/export`)).body);
  await ask('POST', `/api/session/${sessionId}/ingest?v=1`, { data: [message(0)] });
  // With this character, a text takes two bytes for each of its letters on its way to the object.
  const text = `€${'x'.repeat(MEBIBYTE - 200)}`;
  expect(await ingest(14, text)).toEqual(done);
  const byCall = await ask('POST', '/rpc/exportSession', { sessionId, kiloUserId });
  expect(byCall.body).toBe(await exported());
  expect(await ingest(19, text)).toEqual(done);
  expect((await exported()).split(text)).toHaveLength(20);
});

test('an item that is too large to be kept costs only itself, and is a line of the log', async () => {
  const { ask } = await world.newcomer();
  const session = await newSession(ask);
  const data = [message(0), part(0, 'x'.repeat(2 * MEBIBYTE)), message(1)];
  expect(await ask('POST', `/api/session/${session}/ingest?v=1`, { data })).toEqual(done);
  const messages = [0, 1].map((index) => ({ info: { id: id(index) }, parts: [] }));
  const snapshot = await ask('GET', `/api/session/${session}/export`);
  expect(snapshot.body).toEqual({ info: {}, messages });
  expect(world.linesWith('items too large to be kept')).toHaveLength(1);
});
