import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyed, seen } from '../../support/keyed.ts';
import { eventually } from '../../support/launcher.ts';
import { slowClient } from '../../support/slow-client.ts';
import { startWorld, type World } from '../../support/world.ts';

// What becomes of an answer under an Idempotency-Key when nobody reads it, and when its time is over.

let world: World;
beforeAll(async () => {
  world = await startWorld({ COMPLETION_UNREAD_SECONDS: '2', COMPLETION_KEPT_SECONDS: '6' });
});
afterAll(() => world.stop());

const LONG = 'sim/answer~tokens=2000~delay=50';
const microdollars = (usd = 0) => Math.round(usd * 1_000_000);

/** Reads the first bytes, and leaves. */
async function left(response: Response, leaving: AbortController): Promise<void> {
  await response.body?.getReader().read();
  leaving.abort();
}

test('an answer that nobody reads any more is ended, and charged as one that its client has left', async () => {
  const { person, ask, calls } = await keyed(world, { model: LONG });
  const leaving = new AbortController();
  await left(await ask({ signal: leaving.signal }), leaving);
  await eventually(() => calls()[0]?.ending === 'client-left', 'the end of the call');
  const cost = microdollars(calls()[0]?.cost);
  await eventually(async () => (await person.used()) === cost, 'the charge');
  expect(await person.rows(1)).toMatchObject([{ cost, has_error: true, cancelled: true }]);

  // It was no whole answer: the key is free.
  const again = await ask();
  await again.body?.cancel();
  expect(again.status).toBe(200);
  expect(calls()).toHaveLength(2);
});

test('one that never began is ended as well, when who asked for it has gone', async () => {
  const { person, key, body, calls } = await keyed(world, { model: 'sim/never' });
  const headers = { 'idempotency-key': key };
  const client = slowClient({ url: world.url, token: person.token, body, headers });
  await eventually(() => calls().length === 1, 'the call');
  client.resetAndDestroy();
  await eventually(() => calls()[0]?.ending === 'client-left', 'the end of the call');
  expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true, cancelled: true }]);
});

test('one that has gone silent is ended as well', async () => {
  const { person, key, body, calls } = await keyed(world, { model: 'sim/stall~after=4' });
  const headers = { 'idempotency-key': key };
  const client = slowClient({ url: world.url, token: person.token, body, headers });
  await once(client.resume(), 'data');
  client.resetAndDestroy();
  await eventually(() => calls()[0]?.ending === 'client-left', 'the end of the call');
  expect(await person.rows(1)).toMatchObject([{ has_error: true, cancelled: true }]);
});

test('whoever comes back in time keeps it going', async () => {
  const { ask, calls } = await keyed(world, { model: 'sim/answer~tokens=120~delay=50' });
  const leaving = new AbortController();
  await left(await ask({ signal: leaving.signal }), leaving);
  expect((await seen(await ask())).text).toContain('[DONE]');
  expect(calls()).toMatchObject([{ ending: 'complete' }]);
});

/** All that is on disk of the objects of keys. */
function onDisk(): string {
  const folder = join(world.folder, 'objects', 'llm-gateway-Completion');
  return readdirSync(folder)
    .map((name) => contentOf(join(folder, name)))
    .join('\n');
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It was deleted in between.
    return '';
  }
}

test('on disk, an answer can not be read, and after its time it is not there', async () => {
  const { person, key, ask, calls } = await keyed(world, { model: 'sim/answer~tokens=200' });
  const { text } = await seen(await ask());
  const [, generation = ''] = /"id":"(?<id>[^"]+)"/.exec(text) ?? [];
  const exchange = (await person.rows(1))[0]?.id ?? '';
  expect(generation).not.toBe('');
  expect(onDisk()).toContain(exchange);
  for (const secret of [
    key,
    person.id,
    person.token,
    generation,
    'chat.completion.chunk',
    'Hello',
  ]) {
    expect({ secret, isOnDisk: onDisk().includes(secret) }).toEqual({ secret, isOnDisk: false });
  }
  await eventually(() => !onDisk().includes(exchange), 'the end of its time');
  const again = await seen(await ask());
  expect(again.status).toBe(200);
  expect(again.text).not.toBe(text);
  expect(calls()).toHaveLength(2);
});
