import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endProcess } from './end-process.ts';
import { keepRunning, type Program } from './keep-running.ts';
import { recorded, startTimeOf } from './processes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keep-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Programs that only wait; `fails` tells which starts go wrong. */
async function keepWaiting(fails: (start: number) => boolean = () => false) {
  const said: string[] = [];
  const children: ChildProcess[] = [];
  const kept = await keepRunning<Program>({
    name: 'program',
    folder,
    say: (line) => said.push(line),
    start: async (_previous, onSpawn) => {
      const child = spawn('sleep', ['60'], { stdio: 'ignore' });
      onSpawn(child.pid ?? 0);
      children.push(child);
      const stop = () => endProcess(child, ['SIGTERM'], 1_000);
      if (fails(children.length)) {
        await stop();
        throw new Error('not this time');
      }
      return { process: child, pid: child.pid ?? 0, stop };
    },
  });
  const isRunning = () => children.filter(({ pid }) => pid && startTimeOf(pid) !== null).length;
  return { kept, said, children, isRunning };
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 4_000;
  while (!condition() && performance.now() < deadline) await sleep(5);
  expect(condition()).toBe(true);
}

test('a program that ends by itself is started again, recorded, and told of', async () => {
  const { kept, said, isRunning } = await keepWaiting();
  const { pid } = kept.current();
  process.kill(pid, 'SIGKILL');
  await eventually(() => kept.current().pid !== pid);
  expect(recorded(folder).map((process) => process.pid)).toEqual([kept.current().pid]);
  expect(said).toEqual(['program has ended by itself. Starting it again.', 'program is back.']);
  await kept.stop();
  expect(isRunning()).toBe(0);
});

test('one that does not come up is tried again', async () => {
  const { kept, children, said } = await keepWaiting((start) => start === 2);
  process.kill(kept.current().pid, 'SIGKILL');
  await eventually(() => said.includes('program is back.'));
  expect(children).toHaveLength(3);
  expect(said).toContain('program could not be started again: Error: not this time');
  await kept.stop();
});

test('a stop while it is on its way up leaves nothing', async () => {
  const { kept, children, isRunning } = await keepWaiting();
  process.kill(kept.current().pid, 'SIGKILL');
  await eventually(() => children.length === 2 || isRunning() === 0);
  await kept.stop();
  expect(isRunning()).toBe(0);
  const before = children.length;
  await sleep(300);
  expect(children).toHaveLength(before);
});

test('a restart that was asked for is no accident', async () => {
  const { kept, said } = await keepWaiting();
  const { pid } = kept.current();
  await kept.restart();
  expect(kept.current().pid).not.toBe(pid);
  expect(said).toEqual(['program is back.']);
  await kept.stop();
});

test('one that was killed on purpose comes back at once, however often', async () => {
  const { kept, said } = await keepWaiting();
  for (let kills = 0; kills < 6; kills += 1) {
    const { pid } = kept.current();
    await kept.kill();
    expect(startTimeOf(pid)).toBeNull();
    // Pauses that grew would be longer than this waits by the fifth.
    await eventually(() => kept.current().pid !== pid);
  }
  expect(new Set(said)).toEqual(new Set(['program is back.']));
  await kept.stop();
});
