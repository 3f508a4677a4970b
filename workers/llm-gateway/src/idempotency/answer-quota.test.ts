import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { answerQuota } from './answer-quota.ts';

const KIBIBYTE = 1024;
const at = (ms: number) => Instant.parse(ms);
const open = () => {
  const quota = answerQuota(lazySql(nodeSql()));
  const claim = (exchange: string, kibibytes: number, now = 0) =>
    quota.claim(
      { exchange, bytes: kibibytes * KIBIBYTE, deleteAt: at(now + 100) },
      at(now),
      100 * KIBIBYTE,
    );
  return { quota, claim };
};

test('stores answers up to the quota, counting the overhead of each object', () => {
  const { claim } = open();
  expect(claim('a', 60)).toBe(true);
  expect(claim('b', 9)).toBe(false);
  expect(claim('b', 8)).toBe(true);
  expect(claim('c', 0)).toBe(false);
});

test('counts a repeated claim once', () => {
  const { claim } = open();
  expect(claim('a', 60)).toBe(true);
  expect(claim('a', 84)).toBe(true);
  expect(claim('a', 85)).toBe(false);
});

test('frees the room of a deleted answer', () => {
  const { quota, claim } = open();
  expect(claim('a', 84)).toBe(true);
  expect(quota.forget(at(99))).toBe(100);
  expect(claim('b', 84, 99)).toBe(false);
  expect(claim('b', 84, 100)).toBe(true);
  expect(quota.forget(at(200))).toBeNull();
});
