import fc from 'fast-check';
import { expect, test } from 'vitest';
import { list, text } from './capnp.ts';

test('quotes, backslashes, lines and any letters are kept', () => {
  expect(text('a "b" \\u0041 \\\\ c\nä €')).toBe('"a \\"b\\" \\\\u0041 \\\\\\\\ c\\nä €"');
});

test('no text can end itself and add something to the configuration', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      fc.pre(!/\p{Cc}|\p{Cs}/u.test(value));
      expect(JSON.parse(text(value))).toBe(value);
    }),
  );
});

test('a control character is refused: the language has another spelling for it', () => {
  expect(() => text('a\u0001')).toThrow('control character');
  expect(() => text('\\\u0001')).toThrow('control character');
});

test('an empty list is a list', () => {
  expect(list([])).toBe('[]');
});
