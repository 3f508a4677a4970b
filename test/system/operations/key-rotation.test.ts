import { randomBytes, randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { sealedKey } from '@gateway/local/stack/sealed-key';
import { tokenFor } from '@gateway/local/stack/tokens';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person } from '../../support/newcomer.ts';
import { BYOK_ENCRYPTION_KEY, startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

// A stack in the middle of a rotation: what was made with the key before is still good.

const previous = { tokens: randomUUID(), ownKeys: randomBytes(32).toString('base64') };

let world: World;
beforeAll(async () => {
  world = await startWorld({
    NEXTAUTH_SECRET_PREVIOUS: previous.tokens,
    BYOK_ENCRYPTION_KEY_PREVIOUS: previous.ownKeys,
  });
});
afterAll(() => world.stop());

const messages = [{ role: 'user', content: 'Hello!' }];

test('tokens of both secrets are good, at both workers; one of a third is not', async () => {
  const { id, pepper } = await world.newcomer(10);
  const statusesWith = async (secret: string) => {
    const token = await tokenFor({ user: id, pepper, organization: null }, secret);
    const chat = await world.ask({ token, body: { model: 'sim/answer', messages } });
    await chat.text();
    const session = await fetch(`${world.sessionIngestUrl}/api/session`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ sessionId: `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}` }),
    });
    return [chat.status, session.status];
  };
  expect(await statusesWith(TOKEN_SECRET)).toEqual([200, 200]);
  expect(await statusesWith(previous.tokens)).toEqual([200, 200]);
  expect(await statusesWith(randomUUID())).toEqual([401, 401]);
});

async function ownerOf(encryptionKey: string): Promise<Person> {
  const person = await world.newcomer(0);
  await plant(world.databaseUrl, {
    byok_api_keys: [
      {
        kilo_user_id: person.id,
        created_by: person.id,
        provider_id: 'openai',
        encrypted_api_key: sealedKey('sk-own-openai', encryptionKey),
      },
    ],
  });
  return person;
}

test('own keys that are sealed with either key are used, and who still has an old one is told', async () => {
  const oldOnes = () =>
    world.workerLines.filter((line) => line.includes('sealed with the previous encryption key'));
  const askedWith = async (encryptionKey: string) => {
    const { token } = await ownerOf(encryptionKey);
    const response = await world.ask({ token, body: { model: 'openai/gpt-5.2', messages } });
    await response.text();
    return response.status;
  };
  expect(await askedWith(BYOK_ENCRYPTION_KEY)).toBe(200);
  expect(oldOnes()).toEqual([]);
  expect(await askedWith(previous.ownKeys)).toBe(200);
  expect(world.simulator.log().at(-1)?.path).toBe('/vercel/v1/chat/completions');
  await expect.poll(() => oldOnes().at(-1)).toContain('"provider":"openai"');
  expect(await askedWith(randomBytes(32).toString('base64'))).toBe(401);
});
