import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { nodeSql } from '../testing/node-sql.ts';
import { failingTable } from './failing-table.ts';
import { sentAlertTable } from './sent-alert-table.ts';
import { watchEvaluation } from './watch-evaluation.ts';

const now = Instant.parse(1_700_000_000_000);
const minutes = (count: number) => Instant.parse(now + count * 60_000);

function world() {
  const sql = nodeSql();
  const [table, failing] = [sentAlertTable(sql), failingTable(sql)];
  const told: string[] = [];
  const needs = {
    failing: {
      since: async () => failing.since(),
      set: async (at: Instant | null) => failing.set(at),
    },
    sent: {
      lastSent: async (key: string) => table.lastSent(key),
      record: async (key: string, at: Instant) => table.record(key, at),
    },
    notify: async (message: string) => {
      told.push(message);
    },
  };
  const run = (minute: number, errors: readonly unknown[]) =>
    watchEvaluation(needs, { sent: [], errors }, minutes(minute));
  return { told, run };
}

test('an evaluation that keeps failing is told after ten minutes, once in four hours', async () => {
  const { told, run } = world();
  for (let minute = 0; minute < 250; minute += 1) await run(minute, [new Error('timeout'), 'no']);
  expect(told).toHaveLength(1);
  expect(told[0]).toBe(
    ':warning: Alerts have not been evaluated completely for 10 min. 2 error(s), the first: timeout',
  );
  await run(250, ['no']);
  expect(told).toHaveLength(2);
});

test('a run without an error begins the wait anew', async () => {
  const { told, run } = world();
  for (let minute = 0; minute < 60; minute += 1) await run(minute, minute % 10 === 9 ? [] : ['no']);
  expect(told).toEqual([]);
});
