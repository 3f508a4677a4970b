import { expect, test } from 'vitest';
import { cpuMsOf, residentMib, timesIn } from './process-cost.ts';

test('times are found behind a name that holds blanks and parentheses', () => {
  const stat = '42 (a (b) c) S 7 42 42 0 -1 4194560 100 200 0 0 12 3 40 5 20 0 1 0 999 1000 50';
  expect(timesIn(stat)).toEqual({ parent: 7, ownMs: 150, collectedMs: 450 });
});

// Linux alone tells what a process has used.
test.runIf(process.platform === 'linux')('what this process has used grows as it works', () => {
  const before = cpuMsOf(process.pid);
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 100_000);
  expect(cpuMsOf(process.pid) - before).toBeGreaterThanOrEqual(80);
  expect(residentMib(process.pid)).toBeGreaterThan(1);
});
