import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { parseJson } from '@gateway/worker-utils/json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, type World } from '../../support/world.ts';

// What a request asks of Postgres and of objects before it asks the provider. The gateway counts it, for its log.

let world: World;
beforeAll(async () => {
  // What is known of a caller stays so for the whole test, however slow the machine is.
  world = await startWorld({ SNAPSHOT_SECONDS: '600' });
});
afterAll(() => world.stop());

type Asked = Parameters<World['ask']>[0];
const Line = z.object({
  message: z.literal('exchange'),
  requestId: z.string(),
  databaseTrips: z.int(),
  objectTrips: z.int(),
});

function lineOf(requestId: string | null) {
  const lines = world.workerLines.flatMap((text) => {
    const json = parseJson(text);
    const line = Line.safeParse(json.ok ? json.value : null);
    return line.success ? [line.data] : [];
  });
  return lines.find((line) => line.requestId === requestId);
}

async function trips(asked: Asked): Promise<{ database: number; objects: number }> {
  const response = await world.ask(asked);
  await response.text();
  expect(response.status).toBe(200);
  const requestId = response.headers.get('x-request-id');
  await eventually(() => lineOf(requestId) !== undefined, 'a log line');
  const line = lineOf(requestId);
  return { database: line?.databaseTrips ?? -1, objects: line?.objectTrips ?? -1 };
}

const bodyOf = (model: string) => ({
  model,
  messages: [{ role: 'user', content: 'Hello!' }],
  stream: true,
});
const paid = (token: string): Asked => ({ token, body: bodyOf('sim/answer') });
const FREE = { body: bodyOf('minimax/minimax-m2.5:free') };

describe('before the provider is asked', () => {
  test('a paid request of a caller who is known asks no database, and one object', async () => {
    const { token } = await world.newcomer(10);
    await trips(paid(token));
    expect(await trips(paid(token))).toEqual({ database: 0, objects: 1 });
  });

  test('the first one of a caller asks the database once', async () => {
    const { token } = await world.newcomer(10);
    expect(await trips(paid(token))).toEqual({ database: 1, objects: 1 });
  });

  test('150 first requests of one caller at once are all answered, and share what some of them read', async () => {
    const { token } = await world.newcomer(1000);
    const all = await Promise.all(Array.from({ length: 150 }, () => trips(paid(token))));
    const asked = all.reduce((sum, { database }) => sum + database, 0);
    expect(asked).toBeGreaterThan(0);
    // One, unless the database is so slow that others stop waiting for it.
    expect(asked).toBeLessThan(all.length);
  });

  test('a caller whose balance is low is looked up each time, in one question', async () => {
    const { token } = await world.newcomer(0.5);
    await trips(paid(token));
    await new Promise((resolve) => {
      setTimeout(resolve, 1_000);
    });
    expect(await trips(paid(token))).toEqual({ database: 1, objects: 1 });
  });

  test('a free request without an account asks no database, and its address twice', async () => {
    // Once a minute, one of a model that two gateways have asks how both are doing.
    await trips(FREE);
    expect(await trips(FREE)).toEqual({ database: 0, objects: 2 });
  });

  test('a free request of a caller who is known asks no database, and its address twice', async () => {
    const { token } = await world.newcomer(10);
    await trips({ token, ...FREE });
    expect(await trips({ token, ...FREE })).toEqual({ database: 0, objects: 2 });
  });

  test('a request with an own key, where caller and model are known, asks neither', async () => {
    const { id, token } = await world.newcomer(10);
    await plant(world.databaseUrl, {
      byok_api_keys: [
        {
          kilo_user_id: id,
          provider_id: 'openai',
          encrypted_api_key: sealedKey(`sk-${randomUUID()}`, BYOK_ENCRYPTION_KEY),
          created_by: id,
        },
      ],
    });
    const asked = { token, body: bodyOf('openai/gpt-5.2') };
    await trips(asked);
    expect(await trips(asked)).toEqual({ database: 0, objects: 0 });
  });
});
