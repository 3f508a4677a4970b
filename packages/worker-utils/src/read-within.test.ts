import { expect, test } from 'vitest';
import { byteBudget } from './byte-budget.ts';
import { readTextWithin, readWithin } from './read-within.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;
const BODY_MS_MAX = 120_000;

/** What Node asks of a request whose body is a stream. */
const half = { duplex: 'half' };

/** A client that sends pieces when it is told to, and a clock that it moves. */
function upload() {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = writable.getWriter();
  const timers: { readonly at: number; readonly resolve: () => void }[] = [];
  let now = 0;
  const source = readable.getReader();
  // The platform's bodies are byte streams.
  const body = new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const { done, value } = await source.read();
      if (value) return controller.enqueue(value);
      if (done) controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  return {
    request: new Request('http://gateway/', { method: 'POST', body, ...half }),
    send: (bytes: number) => writer.write(new Uint8Array(bytes).fill(97)),
    end: () => writer.close(),
    breakOff: () => writer.abort(new Error('The connection was reset.')),
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 1000) {
        now += 1000;
        for (const timer of timers) if (timer.at <= now) timer.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    pause: (ms: number) => new Promise<void>((resolve) => timers.push({ at: now + ms, resolve })),
  };
}
const unfinished = byteBudget(100 * MEBIBYTE);

test('reads a body that comes in small pieces', async () => {
  const client = upload();
  const reading = readTextWithin(client.request, { bytesMax: MEBIBYTE }, { ...client, unfinished });
  for (let piece = 0; piece < 100; piece += 1) await client.send(1000);
  await client.end();
  expect(await reading).toEqual({
    ok: true,
    value: { text: 'a'.repeat(100_000), bodyBytes: 100_000 },
  });
});

test('gives up a body that stalls', async () => {
  const client = upload();
  const reading = readWithin(client.request, { bytesMax: MEBIBYTE }, { ...client, unfinished });
  await client.send(64 * KIBIBYTE);
  await client.pass(10_000);
  await client.pass(10_000);
  expect(await reading).toEqual({ ok: false, error: { kind: 'too-slow' } });
});

test('gives up a body that trickles, however long it goes on', async () => {
  const client = upload();
  const reading = readWithin(client.request, { bytesMax: MEBIBYTE }, { ...client, unfinished });
  for (let second = 0; second < 11; second += 1) {
    void client.send(KIBIBYTE).catch(() => undefined);
    await client.pass(1000);
  }
  expect(await reading).toEqual({ ok: false, error: { kind: 'too-slow' } });
});

test('gives up a body that keeps its rate, but takes too long', async () => {
  const client = upload();
  const reading = readWithin(
    client.request,
    { bytesMax: 20 * MEBIBYTE },
    { ...client, unfinished },
  );
  for (let ms = 0; ms <= BODY_MS_MAX; ms += 10_000) {
    void client.send(64 * KIBIBYTE).catch(() => undefined);
    await client.pass(10_000);
  }
  expect(await reading).toEqual({ ok: false, error: { kind: 'too-slow' } });
});

test('reports a body that breaks off', async () => {
  const client = upload();
  const reading = readWithin(client.request, { bytesMax: MEBIBYTE }, { ...client, unfinished });
  await client.send(KIBIBYTE);
  await client.breakOff();
  expect(await reading).toEqual({ ok: false, error: { kind: 'broken' } });
});

test('asks who may send more only when a body has more', async () => {
  const asked: string[] = [];
  const more = async () => {
    asked.push('more');
    return 2 * MEBIBYTE;
  };
  const sent = async (bytes: number) => {
    const client = upload();
    const reading = readWithin(
      client.request,
      { bytesMax: MEBIBYTE, more },
      { ...client, unfinished },
    );
    void client.send(bytes);
    void client.end();
    const read = await reading;
    return read.ok ? read.value.byteLength : read.error;
  };
  expect(await sent(MEBIBYTE)).toBe(MEBIBYTE);
  expect(asked).toEqual([]);
  expect(await sent(2 * MEBIBYTE)).toBe(2 * MEBIBYTE);
  expect(await sent(2 * MEBIBYTE + 1)).toEqual({ kind: 'too-large', bytesMax: 2 * MEBIBYTE });
  expect(asked).toEqual(['more', 'more']);
});

test('gives up the oldest body when newer ones need its memory', async () => {
  const small = byteBudget(MEBIBYTE);
  const [stalled, newer] = [upload(), upload()];
  const allowance = { bytesMax: 20 * MEBIBYTE };
  const first = readWithin(stalled.request, allowance, { ...stalled, unfinished: small });
  await stalled.send(600 * KIBIBYTE);
  await stalled.pass(1000);
  const second = readWithin(newer.request, allowance, { ...newer, unfinished: small });
  void newer.send(700 * KIBIBYTE);
  void newer.end();
  expect((await second).ok).toBe(true);
  expect(await first).toEqual({ ok: false, error: { kind: 'crowded-out' } });
});
