import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type Outbox, outboxOf } from './outbox.ts';

test('an event that comes alone is sent at once', async () => {
  const { outbox, taken, pass } = world();
  await outbox.put('one ');
  expect(taken()).toEqual(['one ']);
  await pass(20);
  await outbox.put('two');
  expect(taken()).toEqual(['one ', 'two']);
});

test('events that follow one another closely are sent together, ten milliseconds later at most', async () => {
  const { outbox, taken, pass } = world();
  for (const event of ['one ', 'two ', 'three ']) await outbox.put(event);
  expect(taken()).toEqual(['one ']);
  await pass(10);
  expect(taken()).toEqual(['one ', 'two three ']);
  await outbox.put('four');
  await pass(10);
  expect(taken()).toEqual(['one ', 'two three ', 'four']);
});

test('what is still gathered is sent when there is no more to come, and without waiting', async () => {
  const { outbox, taken } = world();
  await outbox.put('one ');
  await outbox.put('two');
  expect(await outbox.empty()).toBe(true);
  expect(taken()).toEqual(['one ', 'two']);
});

test('nothing is written where there is nothing to send', async () => {
  const { outbox, taken, pass } = world();
  await outbox.put('');
  await pass(10);
  await outbox.empty();
  expect(taken()).toEqual([]);
});

test('a client that does not read has to take what it has before there is room for more', async () => {
  const { outbox, read } = world({ isReading: false });
  const first = outbox.put('one');
  let isRoom = false;
  const second = Promise.resolve(outbox.put('x'.repeat(20_000))).then(() => (isRoom = true));
  await new Promise(setImmediate);
  expect(isRoom).toBe(false);
  read();
  expect(await first).toBe(true);
  await second;
  expect(isRoom).toBe(true);
});

test('that the client has left is told, also of what was gathered', async () => {
  const { outbox, leave } = world();
  expect(await outbox.put('one')).toBe(true);
  leave();
  await outbox.put('two');
  expect(await outbox.empty()).toBe(false);
});

type World = {
  readonly outbox: Outbox;
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
    outbox: outboxOf({
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
