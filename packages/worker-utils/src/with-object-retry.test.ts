import { expect, test } from 'vitest';
import { withObjectRetry } from './with-object-retry.ts';

const retryable = (fields: object = {}) =>
  Object.assign(new Error('broken'), { retryable: true, ...fields });

function world(errors: readonly unknown[]) {
  const left = [...errors];
  const paused: number[] = [];
  let stubs = 0;
  const run = () =>
    withObjectRetry(
      {
        stub: () => {
          stubs += 1;
          return stubs;
        },
        pause: async (ms) => {
          paused.push(ms);
        },
        chance: () => 0.5,
      },
      async (stub) => {
        const error = left.shift();
        if (error !== undefined) await Promise.reject(error);
        return `answer of stub ${stub}`;
      },
    );
  return { run, paused };
}

test('what the platform calls retryable is tried again, with a new stub, after a longer pause', async () => {
  const { run, paused } = world([retryable(), retryable()]);
  expect(await run()).toBe('answer of stub 3');
  expect(paused).toEqual([50, 100]);
});

test('after three attempts the last error is thrown', async () => {
  const { run, paused } = world([retryable(), retryable(), retryable({ message: 'the last' })]);
  await expect(run()).rejects.toThrow('the last');
  expect(paused).toHaveLength(2);
});

test.each([
  ['a bug', new Error('a bug')],
  ['an overload', retryable({ message: 'an overload', overloaded: true })],
  ['what is no error', 'what is no error'],
])('%s is not tried again', async (message, error) => {
  const { run, paused } = world([error]);
  await expect(run()).rejects.toThrow(message);
  expect(paused).toEqual([]);
});
