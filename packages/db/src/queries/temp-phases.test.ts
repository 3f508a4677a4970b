import { expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase } from '../test-database.ts';
import { recallPhases, rememberPhase } from './temp-phases.ts';

test('a phase is recalled by its key, and the first one stays', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  const database = await connect(url);
  try {
    await rememberPhase(database, { key: 'a', value: 'commentary' });
    await rememberPhase(database, { key: 'a', value: 'final_answer' });
    await rememberPhase(database, { key: 'b', value: 'final_answer' });
    expect(await recallPhases(database, ['a', 'b', 'c'])).toEqual(
      new Map([
        ['a', 'commentary'],
        ['b', 'final_answer'],
      ]),
    );
    expect(await recallPhases(database, [])).toEqual(new Map());
  } finally {
    await database.close();
  }
});
