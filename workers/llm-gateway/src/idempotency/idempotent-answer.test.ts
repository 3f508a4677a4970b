import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { KEPT_MS, keyObject, type Made, newDisk, UNHEARD_MS } from '../testing/key-object.ts';
import { answer, leaveAnswer } from './answer.ts';
import { wake } from './wake.ts';

// Runs a key's object with its own clock and a provider that the test controls.

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
type KeyObject = ReturnType<typeof keyObject>;
const MEBIBYTE = 1024 * 1024;
const encoder = new TextEncoder();

let listeners = 0;
async function ask({ completion }: KeyObject, body = 'the request', listener = nextListener()) {
  const given = await answer(completion, {
    body: encoder.encode(body),
    identity: 'caller and key',
    owner: 'caller',
    listener,
  });
  if (!(given instanceof Response)) throw new Error(`Refused: ${given.kind}`);
  return given;
}
function nextListener(): string {
  listeners += 1;
  return `listener ${listeners}`;
}
const refusalOf = async (object: KeyObject, body?: string) => {
  try {
    await ask(object, body);
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
};
const later = ({ disk }: KeyObject, ms: number): void => {
  disk.now = Instant.parse(disk.now + ms);
};
/** Sealing runs on threads, so it takes real time that the test clock does not cover. */
const until = (condition: () => boolean): Promise<boolean> =>
  vi.waitUntil(condition, { timeout: 60_000, interval: 1 });
const isOver = ({ completion }: KeyObject): boolean => completion.running === null;
/** The current or previous answer. */
async function made(object: KeyObject, n = 1): Promise<Made> {
  await until(() => object.made.length === n);
  const one = object.made[n - 1];
  if (!one) throw new Error('Nothing is made.');
  return one;
}

test('sends every listener the same bytes, however they arrive and whenever it joins', async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('say' as const),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      }),
      fc.record({ kind: fc.constant('join' as const) }),
      fc.record({ kind: fc.constant('wait' as const) }),
    ),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const object = keyObject();
      const heard = [ask(object).then((response) => response.bytes())];
      const one = await made(object);
      const said: number[] = [];
      for (const step of taken) {
        if (step.kind === 'say') {
          one.say(step.bytes);
          said.push(...step.bytes);
        } else if (step.kind === 'join')
          heard.push(ask(object).then((response) => response.bytes()));
        else await turn();
      }
      one.end(true);
      for (const bytes of await Promise.all(heard)) expect([...bytes]).toEqual(said);
      expect([...(await (await ask(object)).bytes())]).toEqual(said);
      expect(object.made).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});

test('makes a complete answer durable before sending its end', async () => {
  const object = keyObject();
  const durable = Promise.withResolvers<void>();
  object.disk.sync = () => durable.promise;
  const reader = (await ask(object)).body?.getReader();
  object.made[0]?.say(encoder.encode('all'));
  object.made[0]?.end(true);
  expect((await reader?.read())?.done).toBe(false);
  let isHeard = false;
  const hear = async (): Promise<void> => {
    isHeard = (await reader?.read())?.done ?? false;
  };
  const end = hear();
  await until(() => object.disk.store.load()?.state === 'complete');
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(isHeard).toBe(false);
  durable.resolve();
  await end;
  expect(isHeard).toBe(true);
});

test('delivers an answer beyond the quota in full, and releases the key', async () => {
  const object = keyObject();
  object.disk.hasRoom = false;
  const first = ask(object).then((response) => response.text());
  const one = await made(object);
  one.say(encoder.encode('all'));
  one.end(true);
  expect(await first).toBe('all');
  expect(object.disk.store.load()).toBeNull();
  await until(() => isOver(object));
  void ask(object);
  await made(object, 2);
});

describe('an unattended answer', () => {
  async function left(object: KeyObject): Promise<void> {
    const response = await ask(object);
    await response.body?.cancel();
  }

  test('runs for at most a minute', async () => {
    const object = keyObject();
    await left(object);
    expect(object.wakes).toContain(object.disk.now + UNHEARD_MS);
    later(object, UNHEARD_MS - 1);
    await wake(object.completion);
    expect(object.made[0]?.left.aborted).toBe(false);
    later(object, 1);
    await wake(object.completion);
    expect(object.made[0]?.left.aborted).toBe(true);
    expect(object.disk.store.load()).toBeNull();
  });

  test('keeps running when a client returns', async () => {
    const object = keyObject();
    await left(object);
    later(object, UNHEARD_MS - 1);
    const response = await ask(object);
    later(object, UNHEARD_MS);
    await wake(object.completion);
    object.made[0]?.say(encoder.encode('still here'));
    object.made[0]?.end(true);
    expect(await response.text()).toBe('still here');
  });

  test('counts as unattended when the client left before the answer began', async () => {
    const object = keyObject();
    const listener = nextListener();
    const asked = ask(object, 'the request', listener);
    await made(object);
    leaveAnswer(object.completion, listener);
    await asked;
    later(object, UNHEARD_MS);
    await wake(object.completion);
    expect(object.made[0]?.left.aborted).toBe(true);
  });

  test('does not start if the client has already left', async () => {
    const object = keyObject();
    const listener = nextListener();
    const asked = refusedFor(ask(object, 'the request', listener));
    leaveAnswer(object.completion, listener);
    expect(await asked).toBe('Nobody waits for the answer.');
    expect(object.made).toEqual([]);
  });
});

const refusedFor = (asked: Promise<Response>): Promise<string | null> =>
  asked.then(
    () => null,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );

describe('an answer of more than 4 MiB', () => {
  const PART = new Uint8Array(MEBIBYTE / 2).fill(120);

  test('applies the back-pressure of the slowest listener, and never stores more than 4 MiB', async () => {
    const object = keyObject();
    const [fast, slow] = [await ask(object), await ask(object)];
    const fastBytes = fast.bytes();
    const slowBody: ReadableStream<Uint8Array> | null = slow.body;
    for (let part = 0; part < 20; part += 1) object.made[0]?.say(PART);
    object.made[0]?.end(true);
    await until(() => object.completion.running?.recording.isOutgrown === true);
    await turn();
    expect(object.made[0]?.taken()).toBeLessThan(4.5 * MEBIBYTE);
    expect(object.disk.bytes()).toBeLessThanOrEqual(4 * MEBIBYTE);
    expect(await refusalOf(object)).toBe('Refused: key-answer-too-large');

    let slowBytes = 0;
    for await (const bytes of slowBody ?? []) {
      slowBytes += bytes.byteLength;
      expect(object.disk.bytes()).toBeLessThanOrEqual(4 * MEBIBYTE);
    }
    expect(slowBytes).toBe(10 * MEBIBYTE);
    expect((await fastBytes).byteLength).toBe(10 * MEBIBYTE);
    expect(await refusalOf(object)).toBe('Refused: key-answer-too-large');
    await until(() => object.disk.bytes() === 0);
  });

  test('resumes when the slowest listener leaves', async () => {
    const object = keyObject();
    const response = await ask(object);
    for (let part = 0; part < 12; part += 1) object.made[0]?.say(PART);
    object.made[0]?.end(true);
    await until(() => object.completion.running?.recording.isOutgrown === true);
    expect(object.disk.store.load()?.state).toBe('begun');
    await response.body?.cancel();
    await until(() => isOver(object));
    expect(object.disk.store.load()?.state).toBe('outgrown');
  });
});

test('below 4 MiB, a stalled listener delays no other, and can read the full answer later', async () => {
  const object = keyObject();
  const [slow, fast] = [await ask(object), await ask(object)];
  const said = new Uint8Array(3 * MEBIBYTE).fill(121);
  object.made[0]?.say(said);
  object.made[0]?.end(true);
  expect((await fast.bytes()).byteLength).toBe(said.byteLength);
  expect(object.disk.store.load()?.state).toBe('complete');
  expect((await slow.bytes()).byteLength).toBe(said.byteLength);
});

describe('an incomplete answer', () => {
  test('reaches the waiting clients, then releases the key for a new exchange', async () => {
    const object = keyObject();
    const [one, two] = [await ask(object), await ask(object)];
    object.made[0]?.say(encoder.encode('an error'));
    object.made[0]?.end(false);
    expect([await one.text(), await two.text()]).toEqual(['an error', 'an error']);
    await until(() => object.disk.bytes() === 0);
    const again = await ask(object, 'another request');
    object.made[1]?.say(encoder.encode('an answer'));
    object.made[1]?.end(true);
    expect(await again.text()).toBe('an answer');
    expect(object.made[1]?.exchange).not.toBe(object.made[0]?.exchange);
  });

  test('breaks off for every listener', async () => {
    const object = keyObject();
    const [one, two] = [await ask(object), await ask(object)];
    object.made[0]?.say(encoder.encode('half'));
    object.made[0]?.breakOff();
    for (const response of [one, two]) await expect(response.text()).rejects.toThrow('broke off');
  });

  test('leaves no storage behind after a minute', async () => {
    const object = keyObject();
    const response = await ask(object);
    object.made[0]?.end(false);
    await response.text();
    await until(() => isOver(object));
    later(object, UNHEARD_MS);
    await wake(object.completion);
    expect(object.disk.isErased).toBe(true);
  });
});

describe('after the object has died', () => {
  test('the next object replays a complete answer from disk', async () => {
    const disk = newDisk();
    const first = keyObject(disk);
    const response = await ask(first);
    first.made[0]?.say(encoder.encode('all of it'));
    first.made[0]?.end(true);
    const headers = [...response.headers];
    expect(await response.text()).toBe('all of it');

    const second = keyObject(disk);
    const again = await ask(second);
    expect([...again.headers]).toEqual(headers);
    expect(await again.text()).toBe('all of it');
    expect(second.made).toEqual([]);
  });

  test('mid-answer, the next object starts over under the same exchange and sends nothing of the old answer', async () => {
    const disk = newDisk();
    const first = keyObject(disk);
    const reader = (await ask(first)).body?.getReader();
    first.made[0]?.say(encoder.encode('old words'));
    await reader?.read();

    const second = keyObject(disk);
    expect(await refusalOf(second, 'another request')).toBe('Refused: key-reused');
    const response = await ask(second);
    second.made[0]?.say(encoder.encode('new words'));
    second.made[0]?.end(true);
    expect(await response.text()).toBe('new words');
    expect(second.made[0]?.exchange).toBe(first.made[0]?.exchange);
  });
});

test('breaks off an answer that cannot be marked complete, and retries under the same exchange', async () => {
  const object = keyObject();
  const response = await ask(object);
  object.made[0]?.say(encoder.encode('all'));
  object.disk.sql.all(
    "CREATE TRIGGER full BEFORE INSERT ON kept BEGIN SELECT raise(ABORT, 'full'); END",
  );
  object.made[0]?.end(true);
  await expect(response.text()).rejects.toThrow('broke off');
  object.disk.sql.all('DROP TRIGGER full');

  const again = await ask(object);
  object.made[1]?.say(encoder.encode('all of it'));
  object.made[1]?.end(true);
  expect(await again.text()).toBe('all of it');
  expect(object.made[1]?.exchange).toBe(object.made[0]?.exchange);
});

describe('after a day', () => {
  async function answered(): Promise<KeyObject> {
    const object = keyObject();
    const response = await ask(object);
    object.made[0]?.say(encoder.encode('all'));
    object.made[0]?.end(true);
    await response.text();
    await until(() => isOver(object));
    return object;
  }

  test('deletes the answer and releases the key', async () => {
    const object = await answered();
    expect(object.wakes.at(-1)).toBe(object.disk.now + KEPT_MS);
    later(object, KEPT_MS - 1);
    await wake(object.completion);
    expect(object.disk.isErased).toBe(false);
    later(object, 1);
    await wake(object.completion);
    expect(object.disk.isErased).toBe(true);
    void ask(object);
    await made(object, 2);
    expect(object.disk.store.load()?.state).toBe('begun');
  });

  test('lets current listeners finish first', async () => {
    const object = await answered();
    later(object, KEPT_MS);
    const response = await ask(object);
    await wake(object.completion);
    expect(object.disk.isErased).toBe(false);
    expect(await response.text()).toBe('all');
    later(object, UNHEARD_MS);
    await wake(object.completion);
    expect(object.disk.isErased).toBe(true);
  });
});
