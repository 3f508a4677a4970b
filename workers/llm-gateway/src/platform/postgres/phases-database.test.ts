import type { Database } from '@gateway/db';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { phasesOf } from './phases-database.ts';

const Values = z.union([z.tuple([z.array(z.string())]), z.tuple([z.string(), z.string()])]);

/** A store beside a table that only this test fills: one statement writes a row, the other reads some. */
function storeWith(lend?: <T>(work: (database: Database) => Promise<T>) => Promise<T>) {
  const table = new Map<string, string>();
  const work: Promise<void>[] = [];
  const warnings: string[] = [];
  const database: Database = {
    async rows({ values }, row) {
      const [first, second] = Values.parse(values);
      if (typeof first === 'string') {
        if (second !== undefined && !table.has(first)) table.set(first, second);
        return [];
      }
      const known = first.flatMap((key) => (table.has(key) ? { key, value: table.get(key) } : []));
      return z.array(row).parse(known);
    },
    close: async () => undefined,
  };
  const note = (message: string) => warnings.push(message);
  const phases = phasesOf({
    lend: lend ?? ((use) => use(database)),
    background: (task) => work.push(task),
    log: { info: note, warn: note, error: note },
  });
  return { phases, warnings, settled: () => Promise.all(work) };
}

const owner = { user: 'user-1', task: 'task-1' };

test('what was remembered of a text is recalled by it, for the same user and task alone', async () => {
  const { phases, settled } = storeWith();
  phases.remember(owner, { texts: ['Hello'], phase: 'commentary' });
  phases.remember(owner, { texts: ['Bye'], phase: 'final_answer' });
  await settled();
  expect(await phases.recall(owner, ['Bye', 'Hello', 'Hello', 'unknown'])).toEqual(
    new Map([
      ['Bye', 'final_answer'],
      ['Hello', 'commentary'],
    ]),
  );
  expect(await phases.recall({ ...owner, task: null }, ['Hello'])).toEqual(new Map());
  expect(await phases.recall({ ...owner, user: 'user-2' }, ['Hello'])).toEqual(new Map());
});

test('of a long conversation the newest texts are asked for', async () => {
  const { phases, settled } = storeWith();
  phases.remember(owner, { texts: ['first'], phase: 'commentary' });
  phases.remember(owner, { texts: ['last'], phase: 'commentary' });
  await settled();
  const texts = ['first', ...Array.from({ length: 500 }, (_, index) => `${index}`), 'last'];
  expect([...(await phases.recall(owner, texts)).keys()]).toEqual(['last']);
});

test.each([
  ['is away', () => Promise.reject(new Error('away'))],
  ['hangs', () => new Promise<never>(() => undefined)],
])('a conversation goes on where the database %s', async (_how, lend) => {
  const { phases, warnings } = storeWith(lend);
  expect(await phases.recall(owner, ['Hello'])).toEqual(new Map());
  expect(warnings).toEqual(['phases not recalled']);
});

test('a phase that can not be written is told to the log, and to nobody else', async () => {
  const { phases, warnings, settled } = storeWith(() => Promise.reject(new Error('away')));
  phases.remember(owner, { texts: ['Hello'], phase: 'commentary' });
  await settled();
  expect(warnings).toEqual(['phase not remembered']);
});

test('nothing is asked where nothing was said', async () => {
  const { phases, warnings } = storeWith(() => Promise.reject(new Error('asked')));
  expect(await phases.recall(owner, [])).toEqual(new Map());
  expect(warnings).toEqual([]);
});
