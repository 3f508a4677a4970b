import { assert, json, property } from 'fast-check';
import { expect, test } from 'vitest';
import { limitHitBy } from './body-limits.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('a hundred levels may be nested, and not one more', () => {
  expect(limitHitBy(nested(100))).toBeNull();
  expect(limitHitBy(nested(101))).toEqual({ kind: 'depth', depthMax: 100 });
});

test('half a million structural characters may be sent, and not one more', () => {
  const list = (commas: number) => `[${','.repeat(commas)}]`;
  expect(limitHitBy(list(499_998))).toBeNull();
  expect(limitHitBy(list(499_999))).toEqual({ kind: 'elements', elementsMax: 500_000 });
});

test('what stands in a string counts for nothing', () => {
  const text = JSON.stringify({ code: `${'[{,:'.repeat(300_000)}\\"\\\\` });
  expect(limitHitBy(text)).toBeNull();
});

test('a string that never ends, or ends in backslashes, is left to the parser', () => {
  expect(limitHitBy(`"${'['.repeat(1000)}`)).toBeNull();
  expect(limitHitBy(`"${'\\'.repeat(1001)}"[[`)).toBeNull();
});

test('whatever a client could send within the limits passes', () => {
  assert(
    property(json({ maxDepth: 20 }), (text) => {
      expect(limitHitBy(text)).toBeNull();
    }),
  );
});
