import { expect, test } from 'vitest';
import { optionalSecretOf, secretOf } from './secrets-store.ts';

/** A store that counts how often it is asked. */
function storeOf(...answers: readonly (string | Error)[]) {
  let asked = 0;
  return {
    asked: () => asked,
    async get() {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? '';
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

test('a secret is read once', async () => {
  const store = storeOf('value');
  expect(await secretOf('read-once', store)).toBe('value');
  expect(await secretOf('read-once', store)).toBe('value');
  expect(store.asked()).toBe(1);
});

test.each([
  ['the store does not hold', new Error('Secret "x" not found')],
  ['is there in name only', 'none'],
])('one that %s is not there, and is not asked for again', async (what, answer) => {
  const store = storeOf(answer);
  expect(await optionalSecretOf(what, store)).toBeNull();
  expect(await optionalSecretOf(what, store)).toBeNull();
  expect(store.asked()).toBe(1);
});

test('a store that is away says nothing about what it holds', async () => {
  const store = storeOf(new Error('Network connection lost'), 'value');
  await expect(optionalSecretOf('away', store)).rejects.toThrow('Network connection lost');
  expect(await optionalSecretOf('away', store)).toBe('value');
});
