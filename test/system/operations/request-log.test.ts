import { ask } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const Row = z.object({
  kilo_user_id: z.string(),
  organization_id: z.string().nullable(),
  provider: z.string(),
  model: z.string(),
  status_code: z.number().nullable(),
  request: z.looseObject({}),
  response: z.string().nullable(),
});
const rowsOf = (user: string) =>
  ask(
    world.databaseUrl,
    { text: 'select * from api_request_log where kilo_user_id = $1', values: [user] },
    Row,
  );
async function rowOf(user: string) {
  await eventually(async () => (await rowsOf(user)).length > 0, 'the row');
  const [row] = await rowsOf(user);
  if (!row) throw new Error('There is no row.');
  return row;
}
const messages = [{ role: 'user', content: 'Hello!' }];

test.each(['kilo.ai', 'kilocode.ai'])(
  'what somebody at %s sends and gets is kept whole, as the provider saw and sent it',
  async (domain) => {
    const person = await world.newcomer(10, domain);
    const body = { model: 'anthropic/claude-sonnet-4.6', messages, stream: true };
    const shown = await (await world.ask({ token: person.token, body })).text();
    const row = await rowOf(person.id);
    const sent: unknown = JSON.parse(world.simulator.log().at(-1)?.rawBody ?? '');
    expect(row).toMatchObject({
      organization_id: null,
      provider: 'openrouter',
      model: body.model,
      status_code: 200,
      response: shown,
    });
    expect(row.request).toEqual(sent);
  },
);

test('keeps numbers as they were written, or as texts where Postgres has no such number', async () => {
  const person = await world.newcomer(10, 'kilo.ai');
  const numbers = '[12345678901234567890,1.0,1e400,1e-99999,1e99999999]';
  const body = `{"model":"sim/answer","messages":${JSON.stringify(messages)},"numbers":${numbers}}`;
  await (await world.ask({ token: person.token, body })).text();
  await rowOf(person.id);
  const text = `select request->>'numbers' numbers from api_request_log where kilo_user_id = $1`;
  expect(await ask(world.databaseUrl, { text, values: [person.id] }, z.unknown())).toEqual([
    { numbers: '[12345678901234567890, 1.0, "1e400", "1e-99999", "1e99999999"]' },
  ]);
});

test('what the provider said of an error is kept, also where the client is told something else', async () => {
  const person = await world.newcomer(10, 'kilo.ai');
  const body = { model: 'sim/status~code=402', messages };
  expect((await world.ask({ token: person.token, body })).status).toBe(503);
  expect(await rowOf(person.id)).toMatchObject({ status_code: 402 });
  expect((await rowOf(person.id)).response).toContain('Insufficient credits');
});

test('nothing of anybody else is kept', async () => {
  const others = [await world.newcomer(10), await world.newcomer(10, 'notkilo.ai')];
  const staff = await world.newcomer(10, 'kilo.ai');
  for (const { token } of [...others, staff]) {
    await (await world.ask({ token, body: { model: 'sim/answer', messages } })).text();
  }
  await (await world.ask({ body: { model: 'corethink:free', messages } })).text();
  await rowOf(staff.id);
  for (const { id, rows } of others) {
    await rows(1);
    expect(await rowsOf(id)).toEqual([]);
  }
  expect(await rowsOf('anon:')).toEqual([]);
});

test('a key of its sender is not in the log', async () => {
  const person = await world.newcomer(0, 'kilo.ai');
  const key = 'sk-own-canary';
  await plant(world.databaseUrl, {
    byok_api_keys: [
      {
        kilo_user_id: person.id,
        provider_id: 'anthropic',
        encrypted_api_key: sealedKey(key, BYOK_ENCRYPTION_KEY),
        created_by: 'somebody',
      },
    ],
  });
  const body = { model: 'anthropic/claude-sonnet-4.6', messages };
  expect((await world.ask({ token: person.token, body })).status).toBe(200);
  const row = await rowOf(person.id);
  expect(world.simulator.log().at(-1)?.rawBody).toContain(key);
  expect(row.provider).toBe('vercel');
  expect(row.request).toMatchObject({ providerOptions: { gateway: { byok: '[redacted]' } } });
  expect(JSON.stringify(row)).not.toContain(key);
});

test('a request that no column could hold is kept as far as one can', async () => {
  const person = await world.newcomer(10, 'kilo.ai');
  const content = `\0 \ud800 ${'x'.repeat(1_200_000)}`;
  const body = { model: 'sim/answer', messages: [{ role: 'user', content }] };
  await (await world.ask({ token: person.token, body })).text();
  const { request } = await rowOf(person.id);
  expect(Object.keys(request).toSorted()).toEqual(['beginning', 'characters']);
  expect(String(request['beginning'])).toHaveLength(1_000_000);
});
