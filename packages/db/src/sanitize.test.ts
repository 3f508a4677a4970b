import fc from 'fast-check';
import { expect, test } from 'vitest';
import { integerWithin, lookupText, realNumber, storableText } from './sanitize.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

test('any text becomes one that Postgres stores and an index holds, and a prefix of what it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (text) => {
      const stored = lookupText(text);
      if (stored === null) return;
      expect(stored).not.toContain('\0');
      expect(stored.isWellFormed()).toBe(true);
      expect(bytesOf(stored)).toBeLessThanOrEqual(500);
      expect(storableText(text)?.startsWith(stored)).toBe(true);
    }),
  );
});

test('a text is cut between characters, never inside one', () => {
  expect(lookupText('é'.repeat(400))).toBe('é'.repeat(250));
  expect(lookupText(`a${'😀'.repeat(200)}`)).toBe(`a${'😀'.repeat(124)}`);
  expect(lookupText('x'.repeat(500))).toBe('x'.repeat(500));
});

test('a text of nothing is no label', () => {
  expect([null, '', '\0\0'].map(lookupText)).toEqual([null, null, null]);
});

test.each<[unknown, 16 | 32 | 53, number | null]>([
  [1.5, 53, null],
  ['lots', 53, null],
  ['', 53, null],
  ['4096', 53, 4096],
  [Number.NaN, 53, null],
  [Infinity, 53, null],
  [2 ** 53, 53, null],
  [2 ** 31 - 1, 32, 2 ** 31 - 1],
  [2 ** 31, 32, null],
  [32_767, 16, 32_767],
  [32_768, 16, null],
  [-1, 16, -1],
  [null, 16, null],
  [{}, 53, null],
  [true, 53, null],
])('%j in a column of %i bits is %j', (value, bits, stored) => {
  expect(integerWithin(value, bits)).toBe(stored);
});

test.each([
  [48.1, 48.1],
  [Number.NaN, null],
  [-Infinity, null],
  [1e39, null],
  [1e-50, 0],
  [null, null],
])('%j in a real column is %j', (value, stored) => {
  expect(realNumber(value)).toBe(stored);
});
