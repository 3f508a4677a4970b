import { expect, test } from 'vitest';
import { userExists, type UserExistsNeeds } from './user-exists.ts';

function world(users: readonly string[], changes: Partial<UserExistsNeeds['cache']> = {}) {
  const stored = new Map<string, { value: string; seconds: number }>();
  const lookedUp: string[] = [];
  const failures: unknown[] = [];
  const waited: Promise<unknown>[] = [];
  const needs: UserExistsNeeds = {
    cache: {
      get: async (key) => stored.get(key)?.value ?? null,
      put: async (key, value, { expirationTtl }) => {
        stored.set(key, { value, seconds: expirationTtl });
      },
      ...changes,
    },
    lookUp: async (userId) => {
      lookedUp.push(userId);
      if (userId === 'broken') throw new Error('database away');
      return users.includes(userId);
    },
    waitUntil: (work) => waited.push(work),
    reportFailure: (cause) => failures.push(cause),
  };
  return { stored, lookedUp, failures, waited, ask: (id: string) => userExists(needs, id) };
}

test('a user is looked up once, and believed for a day', async () => {
  const { ask, stored, lookedUp, waited } = world(['alice']);
  expect([await ask('alice'), await ask('alice')]).toEqual([true, true]);
  expect(lookedUp).toEqual(['alice']);
  expect(stored.get('user-exists:alice')).toEqual({ value: '1', seconds: 86_400 });
  expect(waited).toHaveLength(1);
});

test('nobody is believed to be nobody for five minutes', async () => {
  const { ask, stored, lookedUp } = world([]);
  expect([await ask('bob'), await ask('bob')]).toEqual([false, false]);
  expect(lookedUp).toEqual(['bob']);
  expect(stored.get('user-exists:bob')).toEqual({ value: '0', seconds: 300 });
});

test('a database that is away is not an answer', async () => {
  const { ask, stored } = world([]);
  await expect(ask('broken')).rejects.toThrow('database away');
  expect(stored.size).toBe(0);
});

test('a cache that fails costs a query, not the request', async () => {
  const away = () => Promise.reject(new Error('cache away'));
  const { ask, failures, waited } = world(['alice'], { get: away, put: away });
  expect(await ask('alice')).toBe(true);
  await Promise.all(waited);
  expect(failures).toHaveLength(2);
});

test('an id that is too long for a key is looked up each time', async () => {
  const id = 'é'.repeat(300);
  const { ask, lookedUp, stored } = world([id]);
  expect([await ask(id), await ask(id)]).toEqual([true, true]);
  expect(lookedUp).toHaveLength(2);
  expect(stored.size).toBe(0);
});
