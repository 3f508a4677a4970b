import { expect, test } from 'vitest';
import { flawInStore, optionalSecretOf, secretOf, UnfitSecret } from './secrets-store.ts';

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

test.each(['none', '', ' ', 'None\n'])('a required secret is never %j', async (answer) => {
  const store = storeOf(answer, 'value');
  const name = `REQUIRED ${answer}`;
  await expect(secretOf(name, store)).rejects.toThrow(UnfitSecret);
  // A value that is put right counts at once.
  expect(await secretOf(name, store)).toBe('value');
});

test('a secret of our own that is too short is refused, and its value is not told', async () => {
  for (const name of ['NEXTAUTH_SECRET_PROD', 'ANONYMOUS_ID_SECRET']) {
    const refused = `${name} is shorter than 16 bytes.`;
    await expect(secretOf(name, storeOf('opensesame'))).rejects.toThrow(refused);
    expect(await flawInStore(name, storeOf('opensesame'))).toBe('too-short');
  }
});

test.each(['NEXTAUTH_SECRET_PREVIOUS', 'GATEWAY_ADMIN_TOKEN'])(
  '%s that is too short is as good as absent, and a health check says so',
  async (name) => {
    const store = storeOf('opensesame');
    expect(await optionalSecretOf(name, store)).toBeNull();
    expect(await flawInStore(name, store)).toBe('too-short');
  },
);
