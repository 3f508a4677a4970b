import { beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase, run } from '../test-database.ts';
import { lookupKey, type LookupValue, resolveLookups } from './resolve-lookups.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

const agent = (name: string): LookupValue => ({ kind: 'http_user_agent', value: name });
const agents = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => agent(`${prefix} ${n}`));
/** Which of the values have an id afterwards. */
async function kept(caller: string, values: readonly LookupValue[]): Promise<readonly string[]> {
  const database = await connect(url);
  try {
    const ids = await resolveLookups(database, [{ caller, values }]);
    return values.filter((value) => ids.has(lookupKey(value))).map(({ value }) => value);
  } finally {
    await database.close();
  }
}
const names = (values: readonly LookupValue[]) => values.map(({ value }) => value);
const anHourPasses = (caller: string) =>
  run(
    url,
    `update gateway.lookup_additions set since = since - interval '61 minutes'
    where caller = '${caller}'`,
  );

test('a caller adds twenty new labels in an hour, then none, and twenty again in the next', async () => {
  const first = agents('eager', 19);
  expect(await kept('eager', first)).toEqual(names(first));
  expect(await kept('eager', agents('eager more', 5))).toEqual(['eager more 0']);
  expect(await kept('eager', agents('eager even more', 5))).toEqual([]);
  await anHourPasses('eager');
  const next = agents('eager again', 25);
  expect(await kept('eager', next)).toEqual(names(next.slice(0, 20)));
});

test('what is known already costs nothing of it, whoever added it', async () => {
  const known = agents('known', 20);
  await kept('first', known);
  expect(await kept('second', [...known, ...agents('of the second', 20)])).toHaveLength(40);
  expect(await kept('first', [...known, agent('one too many')])).toEqual(names(known));
});

test("a caller who has none left takes nothing from another's", async () => {
  await kept('spent', agents('spent', 30));
  expect(await kept('fresh', [agent('fresh')])).toEqual(['fresh']);
});

test('from forty connections at once, no more are added than may be', async () => {
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, n) => kept('parallel', [agent(`parallel ${n}`)])),
  );
  expect(all.flat()).toHaveLength(20);
  const text = "select from http_user_agent where http_user_agent like 'parallel %'";
  expect(await ask(url, { text }, z.unknown())).toHaveLength(20);
});

test('who has added nothing for an hour is forgotten, as others come', async () => {
  await kept('gone', [agent('gone')]);
  await anHourPasses('gone');
  await kept('here', [agent('here')]);
  const text = "select from gateway.lookup_additions where caller = 'gone'";
  expect(await ask(url, { text }, z.unknown())).toEqual([]);
});

test('closed lists of ours count against no allowance', async () => {
  const closed: readonly LookupValue[] = [
    { kind: 'feature', value: 'a-new-feature' },
    { kind: 'auto_model', value: 'maker/a-new-auto-model' },
  ];
  const labels = agents('beside closed lists', 20);
  expect(await kept('spender', [...closed, ...labels])).toEqual(names([...closed, ...labels]));
  const later: LookupValue = { kind: 'feature', value: 'a-later-feature' };
  expect(await kept('spender', [agent('one too many'), later])).toEqual(['a-later-feature']);
});
