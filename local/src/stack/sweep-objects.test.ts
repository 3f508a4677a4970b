import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepSwept, sweepClosed } from './sweep-objects.ts';

const name = (letter: string) => `${letter.repeat(64)}.sqlite`;
let storage: string;
let folder: string;
beforeEach(() => {
  storage = mkdtempSync(join(tmpdir(), 'sweep-'));
  folder = join(storage, 'worker-Class');
  mkdirSync(folder);
});
afterEach(() => rmSync(storage, { recursive: true }));

/** As workerd leaves it: in WAL mode. */
function database(letter: string, statement = 'SELECT 1'): DatabaseSync {
  const opened = new DatabaseSync(join(folder, name(letter)));
  opened.exec('PRAGMA journal_mode = WAL');
  opened.exec(statement);
  return opened;
}
const files = () => readdirSync(folder).toSorted();
const TABLE = 'CREATE TABLE kept (id INTEGER PRIMARY KEY)';

test('removes the files of objects that have nothing, and of no other', async () => {
  database('a').close();
  database('b', TABLE).close();
  writeFileSync(join(folder, name('c')), '');
  writeFileSync(join(folder, name('d')), new Uint8Array(4096));
  writeFileSync(join(folder, 'metadata.sqlite'), '');
  await sweepClosed(storage);
  expect(files()).toEqual([name('b'), name('d'), 'metadata.sqlite']);
});

test('finishes what a sweep that was killed has begun', async () => {
  database('a').close();
  database('b').close();
  for (const letter of ['a', 'b']) {
    renameSync(join(folder, name(letter)), join(folder, `${name(letter)}.swept`));
  }
  // It had been opened when it was moved.
  writeFileSync(join(folder, `${name('b')}-wal`), 'log');
  await sweepClosed(storage);
  expect(files()).toEqual([name('b'), `${name('b')}-wal`]);
});

/** Lets it sweep for as long as the test waits for a state of the folder. */
async function swept(until: () => boolean, during: () => void = () => undefined): Promise<void> {
  const stop = keepSwept(storage, {
    everyMs: 5,
    graceMs: 50,
    say: (line) => expect(line).toBe(''),
  });
  try {
    await expect.poll(() => files().some((file) => file.endsWith('.swept'))).toBe(true);
    during();
    await expect.poll(until, { timeout: 10_000 }).toBe(true);
  } finally {
    await stop();
  }
}

test('leaves open files alone while workerd runs, and sweeps them when they are closed', async () => {
  database('a').close();
  const opened = database('b');
  opened.exec('PRAGMA user_version');
  await swept(() => files().every((file) => !file.startsWith(name('a'))));
  expect(files()).toContain(name('b'));
  opened.close();
  await swept(() => files().length === 0);
});

test('sweeps ledgers only while workerd is stopped', async () => {
  const ledgers = join(storage, 'llm-gateway-Ledger');
  mkdirSync(ledgers);
  const file = join(ledgers, name('a'));
  new DatabaseSync(file).close();
  database('b').close();
  await swept(() => files().length === 0);
  expect(readdirSync(ledgers)).toEqual([name('a')]);
  await sweepClosed(storage);
  expect(readdirSync(ledgers)).toEqual([]);
});

test('keeps what an object writes that comes while its file is swept', async () => {
  database('a').close();
  await swept(
    () => files().includes(name('a')) && !files().includes(`${name('a')}.swept`),
    () => database('a', TABLE).close(),
  );
  const rows = database('a').prepare('SELECT name FROM sqlite_master').all();
  expect(rows).toMatchObject([{ name: 'kept' }]);
});

test('gives a moved file back to an object that had opened it', async () => {
  const opened = database('a');
  opened.close();
  await swept(
    () => files().includes(name('a')),
    () => writeFileSync(join(folder, `${name('a')}-wal`), ''),
  );
  expect(files()).toEqual([name('a'), `${name('a')}-wal`]);
});
