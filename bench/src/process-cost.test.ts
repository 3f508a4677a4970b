import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cpuMsOf, residentMib, timesIn, writtenBytesOf, writtenIn } from './process-cost.ts';

test('times are found behind a name that holds blanks and parentheses', () => {
  const stat = '42 (a (b) c) S 7 42 42 0 -1 4194560 100 200 0 0 12 3 40 5 20 0 1 0 999 1000 50';
  expect(timesIn(stat)).toEqual({ parent: 7, ownMs: 150, collectedMs: 450 });
});

test('what was sent to the disk is neither what was read nor what was only kept in memory', () => {
  const io = [
    'rchar: 1',
    'wchar: 2',
    'syscr: 3',
    'syscw: 4',
    'read_bytes: 5',
    'write_bytes: 4096',
    'cancelled_write_bytes: 6',
  ];
  expect(writtenIn(`${io.join('\n')}\n`)).toBe(4096);
});

// Linux alone tells what a process has used.
test.runIf(process.platform === 'linux')('what this process has used grows as it works', () => {
  const before = cpuMsOf(process.pid);
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 100_000);
  expect(cpuMsOf(process.pid) - before).toBeGreaterThanOrEqual(80);
  expect(residentMib(process.pid)).toBeGreaterThan(1);
});

test('of a process that has ended there is no number', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (const used of [cpuMsOf, residentMib, writtenBytesOf]) expect(used(pid)).toBeNaN();
});
