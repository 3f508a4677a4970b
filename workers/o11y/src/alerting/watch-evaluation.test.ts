import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { failingTable } from './failing-table.ts';
import { type AlertClaim, alertLogTable } from './alert-log-table.ts';
import { watchEvaluation } from './watch-evaluation.ts';

const now = Instant.parse(1_700_000_000_000);
const minutes = (count: number) => Instant.parse(now + count * 60_000);

function world() {
  const sql = nodeSql();
  const [table, failing] = [alertLogTable(sql), failingTable(sql)];
  let clock = now;
  const told: string[] = [];
  const needs = {
    failing: {
      since: async () => failing.since(),
      set: async (at: Instant | null) => failing.set(at),
    },
    log: {
      claim: async (claim: AlertClaim) => table.claim(claim, clock),
      record: async (key: string) => table.record(key, clock),
      release: async (key: string) => table.release(key),
    },
    notify: async (message: string) => {
      told.push(message);
    },
  };
  const run = (minute: number, errors: readonly unknown[]) => {
    clock = minutes(minute);
    return watchEvaluation(needs, { sent: [], errors }, clock);
  };
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
