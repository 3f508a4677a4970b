import { plant } from '@gateway/db/seed';
import { run } from '@gateway/db/test-database';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Member, memberOf } from '../../support/member.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, type World } from '../../support/world.ts';

// Snapshots are used for ten minutes here: whoever is served before that was not judged by one of them.

let world: World;
beforeAll(async () => {
  world = await startWorld({ SNAPSHOT_SECONDS: '600' });
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user', content: 'Hello!' }] };
const paid = { ...hello, model: 'openai/gpt-5.2' };
const free = { ...hello, model: 'minimax/minimax-m2.5:free' };

type Change = (member: Member) => Promise<void>;
const settled =
  (settings: object): Change =>
  ({ organization }) =>
    run(
      world.databaseUrl,
      `update organizations set settings = '${JSON.stringify(settings)}' where id = '${organization}'`,
    );

const bringBroken: Change = ({ organization }) =>
  plant(world.databaseUrl, {
    byok_api_keys: [
      {
        organization_id: organization,
        provider_id: 'openai',
        encrypted_api_key: 'broken',
        created_by: 'somebody',
      },
    ],
  });
const sealAgain: Change = ({ organization }) =>
  run(
    world.databaseUrl,
    `update byok_api_keys set encrypted_api_key = '${JSON.stringify(sealedKey('sk', BYOK_ENCRYPTION_KEY))}'
     where organization_id = '${organization}'`,
  );

test.each<[string, object, Change, number, Change]>([
  [
    'that may not use a model',
    paid,
    settled({ model_allow_list: ['anthropic/*'] }),
    404,
    settled({}),
  ],
  ['that must not be trained on', free, settled({ data_collection: 'deny' }), 400, settled({})],
  ['whose key can not be read', paid, bringBroken, 401, sealAgain],
])(
  'a member of an organisation %s is served as soon as that is put right, whatever was known of them',
  async (_name, body, wrong, refused, putRight) => {
    const member = await memberOf(world, { usd: 100, plan: 'enterprise' });
    const status = async () => {
      const response = await world.ask({ token: member.token, body });
      await response.text();
      return response.status;
    };
    await wrong(member);
    expect(await status()).toBe(refused);
    await putRight(member);
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
  },
);

test('who has bought credits is served as soon as they are there', async () => {
  const person = await world.newcomer(0);
  const status = async () => {
    const response = await world.ask({ token: person.token, body: paid });
    await response.text();
    return response.status;
  };
  expect(await status()).toBe(402);
  await run(
    world.databaseUrl,
    `update kilocode_users set total_microdollars_acquired = 10000000 where id = '${person.id}'`,
  );
  await expect.poll(status, { timeout: 10_000 }).toBe(200);
});
