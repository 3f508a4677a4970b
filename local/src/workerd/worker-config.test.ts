import { expect, test } from 'vitest';
import { playable } from './worker-config.ts';
import { configOf, workerNames } from './workers.ts';

test.each(workerNames)('%s is played as it is deployed', (name) => {
  expect(() => configOf(name)).not.toThrow();
});

const { vars, ...rest } = configOf('llm-gateway');
const config = { ...rest, vars };

test.each([
  ['r2_buckets', [{ binding: 'FILES' }]],
  ['queues', { producers: [{ binding: 'JOBS', queue: 'jobs' }], consumers: [] }],
  ['ai', { binding: 'AI' }],
  ['something_new', [{ binding: 'X' }]],
])('a binding that can not be played is named: %s', (key, value) => {
  expect(() => playable({ ...config, [key]: value })).toThrow(`the local stack can't play ${key}`);
});

test('what is there but says nothing is no binding', () => {
  expect(() =>
    playable({
      ...config,
      r2_buckets: [],
      queues: { producers: [], consumers: [] },
      ai: undefined,
    }),
  ).not.toThrow();
});

test.each([
  ['a deleted class', { migrations: [{ tag: 'v2', deleted_classes: ['Old'] }] }],
  [
    'an object of another worker',
    {
      durable_objects: {
        bindings: [{ name: 'X', class_name: 'X', script_name: 'elsewhere' }],
      },
    },
  ],
  [
    'a secret whose name is no name in JavaScript',
    { secrets_store_secrets: [{ binding: 'X', secret_name: 'x-y' }] },
  ],
])('%s is an error, not a surprise', (_what, part) => {
  expect(() => playable({ ...config, ...part })).toThrow('wrangler.jsonc');
});
