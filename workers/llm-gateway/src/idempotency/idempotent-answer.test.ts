import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { KEPT_MS, keyObject, type Made, newDisk, UNHEARD_MS } from '../testing/key-object.ts';
import { answer, leaveAnswer } from './answer.ts';
import { wake } from './wake.ts';

// A key's object under a clock of its own, with a provider that says what a test lets it say.

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
/** Sealing takes threads, and so time that no clock of a test has. */
const until = (condition: () => boolean): Promise<boolean> =>
  vi.waitUntil(condition, { timeout: 60_000, interval: 1 });
const isOver = ({ completion }: KeyObject): boolean => completion.running === null;
/** The answer that is made, or was. */
async function made(object: KeyObject, n = 1): Promise<Made> {
  await until(() => object.made.length === n);
  const one = object.made[n - 1];
  if (!one) throw new Error('Nothing is made.');
  return one;
}

test('however the bytes come, and whenever somebody joins, all get the same ones', async () => {
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

test('a whole answer is durable before anybody hears of its end', async () => {
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

test('an answer for which its owner has no room is told whole, and frees the key', async () => {
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

describe('an answer that nobody listens to', () => {
  async function left(object: KeyObject): Promise<void> {
    const response = await ask(object);
    await response.body?.cancel();
  }

  test('goes on for a minute, and not longer', async () => {
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

  test('goes on for as long as somebody has come back', async () => {
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

  test('is left also by who did not wait for its beginning', async () => {
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

  test('is not begun for who has left before it could be', async () => {
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

  test('waits for the slowest listener, and never has more than that on disk', async () => {
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

  test('goes on when who kept it waiting has left', async () => {
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

test('below 4 MiB, a listener that does not read holds nobody up, and gets all of it later', async () => {
  const object = keyObject();
  const [slow, fast] = [await ask(object), await ask(object)];
  const said = new Uint8Array(3 * MEBIBYTE).fill(121);
  object.made[0]?.say(said);
  object.made[0]?.end(true);
  expect((await fast.bytes()).byteLength).toBe(said.byteLength);
  expect(object.disk.store.load()?.state).toBe('complete');
  expect((await slow.bytes()).byteLength).toBe(said.byteLength);
});

describe('what is no whole answer', () => {
  test('is told to those who wait, and then the key is free, under a new exchange', async () => {
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

  test('and breaks off, breaks off for all', async () => {
    const object = keyObject();
    const [one, two] = [await ask(object), await ask(object)];
    object.made[0]?.say(encoder.encode('half'));
    object.made[0]?.breakOff();
    for (const response of [one, two]) await expect(response.text()).rejects.toThrow('broke off');
  });

  test('leaves nothing on disk a minute later', async () => {
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

describe('when the object has died', () => {
  test('a whole answer is told again by the next one, from disk', async () => {
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

  test('in the middle, the next one answers anew, under the same exchange, and of the old answer nothing is told', async () => {
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

test('an answer that can not be noted as whole is told as one that broke off, and is made anew under the same exchange', async () => {
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

describe('a day later', () => {
  async function answered(): Promise<KeyObject> {
    const object = keyObject();
    const response = await ask(object);
    object.made[0]?.say(encoder.encode('all'));
    object.made[0]?.end(true);
    await response.text();
    await until(() => isOver(object));
    return object;
  }

  test('all of it is deleted, and the key is free', async () => {
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

  test('who is listening is heard out first', async () => {
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
