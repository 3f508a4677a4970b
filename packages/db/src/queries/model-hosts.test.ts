import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase, run } from '../test-database.ts';
import { modelHosts } from './model-hosts.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});

async function hostsOf(model: string): Promise<readonly string[]> {
  const database = await connect(url);
  try {
    return await modelHosts(database, model);
  } finally {
    await database.close();
  }
}
const publish = (vercel: unknown) =>
  run(
    url,
    `insert into models_by_provider (data, vercel) values ('{}', ${vercel === null ? 'null' : `'${JSON.stringify(vercel)}'`})`,
  );
const endpoints = (...tags: readonly string[]) =>
  tags.map((tag) => ({ provider_name: 'A provider', tag, context_length: 1000 }));

test('without a catalogue, nobody serves anything', async () => {
  expect(await hostsOf('openai/gpt-5.2')).toEqual([]);
});

test('the newest catalogue tells who serves a model, in its order', async () => {
  const model = { id: 'openai/gpt-5.2', name: 'GPT' };
  await publish({ 'openai/gpt-5.2': { ...model, endpoints: endpoints('mistral') } });
  await publish({
    'openai/gpt-5.2': { ...model, endpoints: endpoints('azure', 'openai', 'openai') },
    'a/none': { endpoints: [] },
    'a/odd': { endpoints: [{ tag: 7 }, {}, null, { tag: 'openai' }] },
    'a/other': 'something else',
  });
  expect(await hostsOf('openai/gpt-5.2')).toEqual(['azure', 'openai', 'openai']);
  expect(await hostsOf('a/none')).toEqual([]);
  expect(await hostsOf('a/odd')).toEqual(['openai']);
  expect(await hostsOf('a/other')).toEqual([]);
  expect(await hostsOf('unheard/of')).toEqual([]);
  expect(await hostsOf("'; drop table models_by_provider; --")).toEqual([]);
  await publish(null);
  expect(await hostsOf('openai/gpt-5.2')).toEqual([]);
});
