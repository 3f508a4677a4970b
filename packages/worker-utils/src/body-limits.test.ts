import { assert, asyncProperty, json } from 'fast-check';
import { expect, test } from 'vitest';
import { limitHitBy as limitIn } from './body-limits.ts';

const limitHitBy = (body: string) => limitIn(body, async () => undefined);

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('a hundred levels may be nested, and not one more', async () => {
  expect(await limitHitBy(nested(100))).toBeNull();
  expect(await limitHitBy(nested(101))).toEqual({ kind: 'depth', depthMax: 100 });
});

test('accepts 150 000 structural characters, and not one more', async () => {
  const list = (commas: number) => `[${','.repeat(commas)}]`;
  expect(await limitHitBy(list(149_998))).toBeNull();
  expect(await limitHitBy(list(149_999))).toEqual({ kind: 'elements', elementsMax: 150_000 });
});

test('what stands in a string counts for nothing', async () => {
  const text = JSON.stringify({ code: `${'[{,:'.repeat(300_000)}\\"\\\\` });
  expect(await limitHitBy(text)).toBeNull();
});

test('a string that never ends, or ends in backslashes, is left to the parser', async () => {
  expect(await limitHitBy(`"${'['.repeat(1000)}`)).toBeNull();
  expect(await limitHitBy(`"${'\\'.repeat(1001)}"[[`)).toBeNull();
});

test('whatever a client could send within the limits passes', async () => {
  await assert(
    asyncProperty(json({ maxDepth: 20 }), async (text) => {
      expect(await limitHitBy(text)).toBeNull();
    }),
  );
});

test('accepts a million escaped characters, and not one more', async () => {
  const text = (escapes: number) =>
    `["${String.raw`\n`.repeat(escapes / 2)}","${String.raw`\"`.repeat(escapes / 2)}"]`;
  expect(await limitHitBy(text(1_000_000))).toBeNull();
  expect(await limitHitBy(text(1_000_002))).toEqual({ kind: 'escapes', escapesMax: 1_000_000 });
});

test('accepts field names of 2 MiB, and not one character more', async () => {
  const name = 'x'.repeat(1024 * 1024);
  const text = (second: string) => `{"${name}":"${name}","${second}":"${name}"}`;
  expect(await limitHitBy(text(name))).toBeNull();
  expect(await limitHitBy(text(`${name}x`))).toEqual({ kind: 'names', charactersMax: 2_097_152 });
});

test('lets others have the thread while it looks', async () => {
  let turns = 0;
  const nextTurn = async () => {
    turns += 1;
  };
  await limitIn(`["${String.raw`\n`.repeat(999_000)}"]`, nextTurn);
  expect(turns).toBe(3);
});
