import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stateFolder } from './state-folder.ts';

let folder: string;
let umask: number;
beforeEach(() => {
  umask = process.umask(0o022);
  folder = join(mkdtempSync(join(tmpdir(), 'llm-gateway-state-')), 'state');
});
afterEach(() => {
  process.umask(umask);
  rmSync(join(folder, '..'), { recursive: true });
});
const modeOf = (...path: readonly string[]) =>
  (statSync(join(folder, ...path)).mode & 0o777).toString(8);

test('gives nobody but its owner a right to what is written afterwards', () => {
  stateFolder(folder);
  writeFileSync(join(folder, 'logs', 'workers.log'), 'a line');
  mkdirSync(join(folder, 'objects'));
  expect([modeOf(), modeOf('logs'), modeOf('objects')]).toEqual(['700', '700', '700']);
  expect(modeOf('logs', 'workers.log')).toBe('600');
});

test('closes what an earlier version left readable, and nothing that is not its own', () => {
  mkdirSync(join(folder, 'objects', 'Ledger'), { recursive: true });
  writeFileSync(join(folder, 'objects', 'Ledger', 'a.sqlite'), '');
  writeFileSync(join(folder, 'secrets.json'), '{}');
  writeFileSync(join(folder, 'notes.txt'), '');
  stateFolder(folder);
  expect([modeOf(), modeOf('objects'), modeOf('objects', 'Ledger')]).toEqual(['700', '700', '700']);
  expect(modeOf('objects', 'Ledger', 'a.sqlite')).toBe('600');
  expect([modeOf('secrets.json'), modeOf('notes.txt')]).toEqual(['600', '644']);
});

test('lets a process of another user pass through where it must, and list nothing', () => {
  stateFolder(folder, { isPassedThrough: true });
  expect([modeOf(), modeOf('logs')]).toEqual(['711', '700']);
});

test('leaves a folder that everybody may write to as it is', () => {
  mkdirSync(folder);
  chmodSync(folder, 0o1777);
  stateFolder(folder);
  expect([modeOf(), modeOf('logs')]).toEqual(['777', '700']);
});
