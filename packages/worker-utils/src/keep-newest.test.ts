import { expect, test } from 'vitest';
import { keepNewest } from './keep-newest.ts';

test('beyond its limit a map forgets what was kept first; what is kept again is new again', () => {
  const map = new Map<string, number>();
  for (const [n, key] of ['a', 'b', 'a', 'c', 'd'].entries()) keepNewest(map, [key, n], 3);
  expect([...map]).toEqual([
    ['a', 2],
    ['c', 3],
    ['d', 4],
  ]);
});
