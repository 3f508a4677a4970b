import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { expect, test } from 'vitest';
import { SessionId } from '../session-id.ts';
import { userSessions } from './user-sessions.ts';

const quota = { bytesMax: 100, sessionsMax: 2 };
const [a, b, c] = ['a', 'b', 'c'].map((letter) => SessionId.parse(`ses_${letter.repeat(26)}`));
if (!a || !b || !c) throw new Error('There are three.');
const open = (sql = nodeSql()) => userSessions(lazySql(sql));

test('counts what is under way, so that parallel writers share the quota', () => {
  const user = open();
  const write = { session: a, bytes: 60 };
  expect(user.mayStore(write, quota)).toBe(true);
  expect(user.mayStore({ session: b, bytes: 41 }, quota)).toBe(false);
  user.stored(write, 30);
  expect(user.mayStore({ session: b, bytes: 70 }, quota)).toBe(true);
});

test('gives back what a failed write was promised', () => {
  const user = open();
  const write = { session: a, bytes: 100 };
  expect(user.mayStore(write, quota)).toBe(true);
  user.stored(write, null);
  expect(user.mayStore(write, quota)).toBe(true);
});

test('counts the larger of two sizes, whichever is told first', () => {
  const user = open();
  for (const size of [50, 40]) {
    user.mayStore({ session: a, bytes: 10 }, quota);
    user.stored({ session: a, bytes: 10 }, size);
  }
  expect(user.mayStore({ session: b, bytes: 51 }, quota)).toBe(false);
  expect(user.mayStore({ session: b, bytes: 50 }, quota)).toBe(true);
});

test('remembers sizes, and loses promises, with the object', () => {
  const sql = nodeSql();
  const user = open(sql);
  user.mayStore({ session: a, bytes: 10 }, quota);
  user.stored({ session: a, bytes: 10 }, 60);
  user.mayStore({ session: b, bytes: 40 }, quota);
  expect(open(sql).mayStore({ session: b, bytes: 40 }, quota)).toBe(true);
  expect(open(sql).mayStore({ session: b, bytes: 41 }, quota)).toBe(false);
});

test('frees bytes when the object of a removed session is empty, and knows it until then', () => {
  const user = open();
  user.add(a);
  user.mayStore({ session: a, bytes: 100 }, quota);
  user.stored({ session: a, bytes: 100 }, 100);
  expect(user.remove(a)).toBe(true);
  expect(user.has(a)).toBe(false);
  expect(user.mayStore({ session: b, bytes: 1 }, quota)).toBe(false);
  expect(user.remove(a)).toBe(true);
  user.cleared(a);
  expect(user.remove(a)).toBe(false);
  expect(user.isEmpty()).toBe(true);
  expect(user.mayStore({ session: b, bytes: 100 }, quota)).toBe(true);
});

test('makes room for so many sessions, also of parallel requests', () => {
  const user = open();
  expect([a, b, c].map((session) => user.mayCreate(session, quota))).toEqual([true, true, false]);
  user.add(a);
  user.giveUp(b);
  expect(user.mayCreate(a, quota)).toBe(true);
  expect(user.mayCreate(c, quota)).toBe(true);
  expect(user.mayCreate(b, quota)).toBe(false);
});

test('writes nothing for what is only asked', () => {
  const sql = nodeSql();
  const user = open(sql);
  expect(user.has(a)).toBe(false);
  expect(user.remove(a)).toBe(false);
  user.cleared(a);
  expect(sql.all('SELECT * FROM sqlite_master')).toEqual([]);
});
