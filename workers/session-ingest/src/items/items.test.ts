import { expect, test } from 'vitest';
import { gitUrl } from './git-url.ts';
import { itemChunks } from './item-chunks.ts';
import { itemId } from './item-id.ts';
import { itemRevision } from './item-revision.ts';
import { Item } from './item.ts';
import { sessionMetadata } from './session-metadata.ts';
import { storedItem } from './stored-item.ts';

const item = (type: string, data: unknown) => Item.parse({ type, data });

test.each([
  [item('session', { id: 's' }), 'session'],
  [item('message', { id: 'm1' }), 'message/m1'],
  [item('part', { id: 'p1', messageID: 'm1' }), 'm1/p1'],
  [item('session_diff', []), 'session_diff'],
  [item('model', [{ id: 'x' }]), 'model'],
  [item('kilo_meta', { platform: 'cli' }), 'kilo_meta'],
  [item('session_open', {}), 'session_open'],
  [item('session_close', { reason: 'error' }), 'session_close'],
])('an item has an identity: %j', (known, id) => {
  expect(itemId(known)).toBe(id);
});

test.each([
  ['unknown', {}],
  ['message', {}],
  ['part', { id: 'p' }],
  ['kilo_meta', { platform: '' }],
  ['kilo_meta', { platform: 'cli', orgId: 'none' }],
  ['kilo_meta', { platform: 'cli', gitUrl: 'x'.repeat(2_049) }],
  ['session_close', { reason: 'bored' }],
  ['model', [{}]],
])('an item that is none: %s %j', (type, data) => {
  expect(Item.safeParse({ type, data }).success).toBe(false);
});

test('an item keeps the fields that nobody here knows', () => {
  const stored = storedItem(item('message', { id: 'm', nested: { deep: [1, null] } }));
  expect(JSON.parse(stored.data)).toEqual({ id: 'm', nested: { deep: [1, null] } });
});

test.each([
  [item('session', { time: { created: 1, updated: 5 } }), 5],
  [item('part', { id: 'p', messageID: 'm', state: { time: { start: 2, end: 3 } } }), 3],
  [item('message', { id: 'm', time: { created: 'x' } }), 0],
  [item('message', { id: 'm', time: 3 }), 0],
  [item('model', [{ id: 'x' }]), 0],
])('the newest moment of an item: %j', (known, revision) => {
  expect(itemRevision(known)).toBe(revision);
});

test.each([
  ['https://user:secret@host.example/a/b.git?token=1#x', 'https://host.example/a/b.git'],
  ['git@host.example:a/b.git?token=1', 'git@host.example:a/b.git'],
  [' http://host.example/a ', 'http://host.example/a'],
  ['ssh://host.example/a', null],
  ['file:///etc/passwd', null],
  ['', null],
])('a git address without secrets: %s', (value, expected) => {
  expect(gitUrl(value)).toBe(expected);
});

test('metadata is trimmed, an empty text is null, what is no text says nothing', () => {
  expect(sessionMetadata(item('session', { title: ' A ', parentID: '' }))).toEqual({
    title: 'A',
    parentId: null,
  });
  expect(sessionMetadata(item('session', { title: 3 }))).toEqual({});
  expect(
    sessionMetadata(
      item('kilo_meta', { platform: ' cli ', gitUrl: 'x', gitBranch: 'main', extra: 1 }),
    ),
  ).toEqual({ platform: 'cli', gitUrl: null, gitBranch: 'main' });
});

test('a batch is cut into calls in order, and what is too large is dropped', () => {
  const message = (id: string, length: number) =>
    storedItem(item('message', { id, text: 'é'.repeat(length) }));
  const small = ['a', 'b', 'c'].map((id) => message(id, 1_000));
  const { chunks, dropped } = itemChunks([...small, message('d', 1_100_000)], 4_500);
  expect(dropped).toBe(1);
  expect(chunks.map((chunk) => chunk.map(({ messageId }) => messageId))).toEqual([
    ['a', 'b'],
    ['c'],
  ]);
});
