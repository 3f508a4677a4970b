import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyTail, extendTail } from './tail.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Line ends before the first line of an event mean nothing. */
const textOf = (bytes: Uint8Array | null) =>
  new TextDecoder().decode(bytes ?? bytesOf('lost')).replace(/^[\r\n]+/, '');

test('however an answer is cut, what follows its last blank line is remembered', () => {
  const pieces = fc.array(fc.constantFrom('a', '\n', '\r\n', '\n\n', 'data: {}', '\r\n\r\n'));
  fc.assert(
    fc.property(pieces, (parts) => {
      const { bytes } = parts.map(bytesOf).reduce(extendTail, emptyTail);
      const rest =
        parts
          .join('')
          .split(/\n\n|\n\r\n/)
          .at(-1) ?? '';
      expect(textOf(bytes)).toBe(rest.replace(/^[\r\n]+/, ''));
    }),
  );
});

test('an event that is too long is not remembered, and the next one is', () => {
  const long = extendTail(emptyTail, bytesOf('a'.repeat(70_000)));
  expect(long.bytes).toBeNull();
  expect(extendTail(extendTail(long, bytesOf('\n')), bytesOf('\nb')).bytes).toEqual(bytesOf('b'));
});
