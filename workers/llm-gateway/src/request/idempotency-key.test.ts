import { expect, test } from 'vitest';
import { IdempotencyKey } from './idempotency-key.ts';

const isKey = (text: string): boolean => IdempotencyKey.safeParse(text).success;

test('accepts 1 to 255 visible ASCII characters', () => {
  expect(['!', '~', '0d3f-1', '{"a":1}', 'k'.repeat(255)].filter(isKey)).toHaveLength(5);
});

test.each([
  ['nothing', ''],
  ['too much', 'k'.repeat(256)],
  ['a blank', 'a b'],
  ['two headers, as they are joined', 'one, two'],
  ['a tab', 'a\tb'],
  ['a line end', 'key\n'],
  ['a control character', 'a\u007f'],
  ['what is beyond ASCII', 'clé'],
])('%s is none', (_name, text) => {
  expect(isKey(text)).toBe(false);
});
