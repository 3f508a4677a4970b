import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandOf, endLeftovers, isAlive, record, recorded, startTimeIn } from './processes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'processes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sleeper(): { readonly pid: number; readonly ended: Promise<NodeJS.Signals | null> } {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal));
  });
  return { pid: child.pid ?? 0, ended };
}

test('what a crash has left is ended by the next start', async () => {
  const left = sleeper();
  record(folder, 'workerd', left.pid);
  expect(await endLeftovers(folder)).toEqual(['workerd']);
  expect(await left.ended).toBe('SIGTERM');
  expect(recorded(folder)).toEqual([]);
});

test.each([{ startedAt: '1' }, { command: 'sleep 61' }])(
  'a process that got the pid of an old one is left alone: %o',
  async (other) => {
    const innocent = sleeper();
    record(folder, 'workerd', innocent.pid);
    const old = recorded(folder).map((process) => ({ ...process, ...other }));
    writeFileSync(join(folder, 'processes.json'), JSON.stringify(old));
    expect(await endLeftovers(folder)).toEqual([]);
    expect(commandOf(innocent.pid)).toBe('sleep 60');
    process.kill(innocent.pid);
    await innocent.ended;
  },
);

test('one that has ended is not alive, and is not recorded', async () => {
  const short = sleeper();
  record(folder, 'workerd', short.pid);
  process.kill(short.pid);
  await short.ended;
  expect(recorded(folder).filter(isAlive)).toEqual([]);
  record(folder, 'other', short.pid);
  expect(recorded(folder).map(({ name }) => name)).toEqual(['workerd']);
});

test('a restarted program replaces the one before', async () => {
  const [first, second] = [sleeper(), sleeper()];
  record(folder, 'postgres', first.pid);
  record(folder, 'postgres', second.pid);
  expect(recorded(folder).map(({ pid }) => pid)).toEqual([second.pid]);
  process.kill(first.pid);
  process.kill(second.pid);
  await Promise.all([first.ended, second.ended]);
});

test.each(['', 'half a {', '{"name":"x"}', '[{"name":"x","pid":"1"}]'])(
  'a damaged record is none: %s',
  (text) => {
    writeFileSync(join(folder, 'processes.json'), text);
    expect(recorded(folder)).toEqual([]);
  },
);

const after = ' 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0';
test('the start time is found whatever a program calls itself', () => {
  expect(startTimeIn(`17 (sh) S${after}`)).toBe('4242');
  expect(startTimeIn(`17 (a) S 1 (b c) R${after}`)).toBe('4242');
});
test('a process that only waits to be collected has no start time', () => {
  expect(startTimeIn(`17 (sh) Z${after}`)).toBeNull();
});
