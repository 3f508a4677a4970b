import { expect, test } from 'vitest';
import { cachingIn } from './hyperdrive-caching.ts';
import { namesIn } from './named-bindings.ts';
import { activeMsIn } from './start-up.ts';

test.each([
  ['off', '⛅️ wrangler\n{ "id": "x", "caching": { "disabled": true } }\n'],
  ['on', '{ "id": "x", "caching": { "disabled": false } }'],
  ['on', '{ "id": "x", "caching": {} }'],
  ['on', 'Something that is not read'],
])('caching is %s, and on wherever nothing says that it is off', (expected, said) => {
  expect(cachingIn(said)).toBe(expected);
});

test('what code needs of its bindings is found by name; without what is optional, it does', () => {
  const { named, words } = namesIn(`
    export type Bindings = {
      readonly HYPERDRIVE: Hyperdrive;
      readonly STREAM?: Stream;
    };
    const value = this.env.SECRET_KEY.get();
    await env.STREAM?.send();
    const other = secret('NAMED_ELSEWHERE');
  `);
  expect([...named]).toEqual(['HYPERDRIVE', 'SECRET_KEY']);
  expect(words).toContain('NAMED_ELSEWHERE');
});

test('waiting is no part of a start', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: { functionName: '(idle)' } },
      { id: 2, callFrame: { functionName: 'evaluate' } },
    ],
    samples: [1, 2, 2, 1],
    timeDeltas: [5_000, 2_000, 1_500, 9_000],
  };
  expect(activeMsIn(JSON.stringify(profile))).toBe(3.5);
});
