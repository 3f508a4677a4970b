import fc from 'fast-check';
import { expect, test } from 'vitest';
import { close, item, message, newSession, now, part } from '../testing/new-session.ts';
import { pieceStream } from './piece-stream.ts';

test('a snapshot has messages with their parts; diffs and orphans are left out', () => {
  const session = newSession();
  session.take(1, part('p2', 'm1'), item('session_diff', [{ file: 'a' }]), part('p9', 'gone'));
  expect(session.snapshot()).toEqual({ info: {}, messages: [] });
  session.take(1, message('m2'), part('p1', 'm1'), item('session', { title: 'T' }), message('m1'));
  expect(session.snapshot()).toEqual({
    info: { title: 'T' },
    messages: [
      {
        info: { id: 'm1' },
        parts: [
          { id: 'p1', messageID: 'm1' },
          { id: 'p2', messageID: 'm1' },
        ],
      },
      { info: { id: 'm2' }, parts: [] },
    ],
  });
});

test('a later write replaces, an older state does not', () => {
  const session = newSession();
  session.take(1, message('m', { text: 'first' }), message('m', { text: 'second' }));
  session.take(1, part('p', 'm', { state: { time: { start: 1, end: 2 }, status: 'completed' } }));
  session.take(1, part('p', 'm', { state: { time: { start: 1 } } }));
  expect(session.snapshot()).toMatchObject({
    messages: [{ info: { text: 'second' }, parts: [{ state: { status: 'completed' } }] }],
  });
});

test('metadata is that of the newest item, whatever comes after it', () => {
  const session = newSession();
  const titled = (title: string, updated: number) =>
    item('session', { title, time: { created: 1, updated } });
  const meta = item('kilo_meta', { platform: 'cli' });
  const { metadata } = session.take(1, titled('new', 3), meta, titled('old', 2));
  expect(metadata).toEqual({ title: 'new', platform: 'cli' });
  expect(session.take(1, titled('old', 2)).metadata).toEqual({});
});

test('any order of batches, with repeats, gives the same snapshot', () => {
  const items = [
    item('session', { title: 'old', time: { created: 1, updated: 2 } }),
    item('session', { title: 'new', time: { created: 1, updated: 3 } }),
    ...['m1', 'm2', 'm3'].flatMap((id) => [
      message(id),
      message(id, { time: { created: 1, completed: 2 } }),
      part(`${id}-a`, id, { state: { time: { start: 1 } } }),
      part(`${id}-a`, id, { state: { time: { start: 1, end: 4 } } }),
      part(`${id}-b`, id),
    ]),
  ];
  const inOrder = newSession();
  inOrder.take(1, ...items);
  const shuffled = fc.shuffledSubarray([...items, ...items], { minLength: items.length * 2 });
  fc.assert(
    fc.property(shuffled, (order) => {
      const session = newSession();
      for (const one of order) session.take(1, one);
      expect(session.snapshot()).toEqual(inOrder.snapshot());
    }),
    { numRuns: 50 },
  );
});

test('an export makes its pieces when they are read', async () => {
  let made = 0;
  function* pieces() {
    for (; made < 100; made += 1) yield 'x'.repeat(50_000);
  }
  const reader = pieceStream(pieces()).getReader();
  await reader.read();
  expect(made).toBeLessThan(4);
  let bytes = 100_000;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
  }
  expect(bytes).toBe(5_000_000);
});

test('a session is reported five seconds after its close, or five minutes after the last that was heard of it', () => {
  const session = newSession();
  expect(session.take(1, message('m')).alarmAt).toBe(now + 300_000);
  expect(session.take(1, item('session_open', {})).alarmAt).toBe(now + 300_000);
  expect(session.take(1, message('m')).alarmAt).toBe(now + 300_000);
  expect(session.take(1, close, message('m')).alarmAt).toBe(now + 5_000);
});

test('a session of a client before version 1 is reported five minutes after its last batch', () => {
  const session = newSession();
  expect(session.take(0, close).alarmAt).toBe(now + 300_000);
});
