import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import type { Database } from '../database.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase } from '../test-database.ts';
import { readsWhatItWrote } from './reads-what-it-wrote.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

async function looked(between: (database: Database) => Database): Promise<boolean> {
  const database = await connect(url);
  try {
    return await readsWhatItWrote(between(database));
  } finally {
    await database.close();
  }
}

/** Answers a question that it has heard from memory, as Hyperdrive does with whatever only reads. */
function cached({ rows, close }: Database): Database {
  const answers = new Map<string, Promise<readonly unknown[]>>();
  return {
    async rows(query, row) {
      if (!query.text.startsWith('select')) return rows(query, row);
      const answer = answers.get(query.text) ?? rows(query, row);
      answers.set(query.text, answer);
      return (await answer).map((found) => row.parse(found));
    },
    close,
  };
}

test('a database that is asked itself tells what was written, the first time and later', async () => {
  expect(await looked((database) => database)).toBe(true);
  expect(await looked((database) => database)).toBe(true);
});

test('a read that comes from a cache is found out, the first time and later', async () => {
  expect(await looked(cached)).toBe(false);
  expect(await looked(cached)).toBe(false);
});

test('many may look at once', async () => {
  const looks = await Promise.all(Array.from({ length: 20 }, () => looked((database) => database)));
  expect(looks).toEqual(Array.from({ length: 20 }, () => true));
});
