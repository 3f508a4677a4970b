import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type WriteCoalescer, writeCoalescer } from './write-coalescer.ts';

test('an event that comes alone is sent at once', async () => {
  const { outbox, taken, pass } = world();
  await outbox.write('one ');
  expect(taken()).toEqual(['one ']);
  await pass(20);
  await outbox.write('two');
  expect(taken()).toEqual(['one ', 'two']);
});

test('events that follow one another closely are sent together, ten milliseconds later at most', async () => {
  const { outbox, taken, pass } = world();
  for (const event of ['one ', 'two ', 'three ']) await outbox.write(event);
  expect(taken()).toEqual(['one ']);
  await pass(10);
  expect(taken()).toEqual(['one ', 'two three ']);
  await outbox.write('four');
  await pass(10);
  expect(taken()).toEqual(['one ', 'two three ', 'four']);
});

test('what is still gathered is sent when there is no more to come, and without waiting', async () => {
  const { outbox, taken } = world();
  await outbox.write('one ');
  await outbox.write('two');
  expect(await outbox.flush()).toBe(true);
  expect(taken()).toEqual(['one ', 'two']);
});

test('nothing is written where there is nothing to send', async () => {
  const { outbox, taken, pass } = world();
  await outbox.write('');
  await pass(10);
  await outbox.flush();
  expect(taken()).toEqual([]);
});

test('a client that does not read has to take what it has before there is room for more', async () => {
  const { outbox, read } = world({ isReading: false });
  const first = outbox.write('one');
  let isRoom = false;
  const second = Promise.resolve(outbox.write('x'.repeat(20_000))).then(() => (isRoom = true));
  await new Promise(setImmediate);
  expect(isRoom).toBe(false);
  read();
  expect(await first).toBe(true);
  await second;
  expect(isRoom).toBe(true);
});

test('that the client has left is told, also of what was gathered', async () => {
  const { outbox, leave } = world();
  expect(await outbox.write('one')).toBe(true);
  leave();
  await outbox.write('two');
  expect(await outbox.flush()).toBe(false);
});

type World = {
  readonly outbox: WriteCoalescer;
  readonly taken: () => readonly string[];
  readonly pass: (ms: number) => Promise<void>;
  readonly read: () => void;
  readonly leave: () => void;
};

/** A client on a stream, and a clock that is set by hand. */
function world({ isReading = true } = {}): World {
  let now = 0;
  let isThere = true;
  const reading = Promise.withResolvers<void>();
  if (isReading) reading.resolve();
  const waiting: { readonly until: number; readonly end: () => void }[] = [];
  const taken: string[] = [];
  const stream = new WritableStream<Uint8Array>({
    async write(bytes: Uint8Array) {
      if (!isThere) throw new Error('The client has left.');
      await reading.promise;
      taken.push(new TextDecoder().decode(bytes));
    },
  });
  return {
    outbox: writeCoalescer({
      writer: stream.getWriter(),
      clock: { now: () => Instant.parse(now) },
      pause: (ms, signal) =>
        new Promise((resolve) => {
          waiting.push({ until: now + ms, end: resolve });
          signal.addEventListener('abort', () => resolve());
        }),
    }),
    taken: () => taken,
    async pass(ms) {
      now += ms;
      for (const { until, end } of waiting) if (until <= now) end();
      await new Promise(setImmediate);
    },
    read: () => reading.resolve(),
    leave: () => {
      isThere = false;
    },
  };
}
