import { expect, test } from 'vitest';
import { hasOnlyModelNames } from './model-name.ts';

test.each([
  ['an id', 'anthropic/claude-sonnet-4.6:free'],
  ['a name with surrounding space', ' Kilo/Auto\n'],
  ['letters of any script, and a space inside', 'maker/Größe 模型 🚀'],
  ['256 characters', 'a'.repeat(256)],
  ['256 characters outside of the basic plane', '🚀'.repeat(256)],
  ['an empty text', ''],
  ['no text', 7],
])('accepts %s', (_, model) => {
  expect(hasOnlyModelNames({ model })).toBe(true);
  expect(hasOnlyModelNames({ model: 'a', models: ['b', model] })).toBe(true);
});

test.each([
  ['257 characters', 'a'.repeat(257)],
  ['257 characters outside of the basic plane', '🚀'.repeat(257)],
  ['characters that become more in lower case', 'İ'.repeat(200)],
  ['megabytes', 'a'.repeat(7_000_000)],
  ['megabytes of surrounding space', `a${' '.repeat(7_000_000)}`],
  ['a NUL', 'a\0b'],
  ['a line feed inside', 'a\nb'],
  ['an escape character', 'a\u001B[31mb'],
  ['a zero-width space', 'a\u200Bb'],
  ['a right-to-left override', 'a\u202Eb'],
  ['a lone surrogate', 'a\uD800b'],
])('rejects %s', (_, model) => {
  expect(hasOnlyModelNames({ model })).toBe(false);
  expect(hasOnlyModelNames({ model: 'a', models: ['b', model] })).toBe(false);
});

test('accepts a request without names', () => {
  expect(hasOnlyModelNames({})).toBe(true);
  expect(hasOnlyModelNames([])).toBe(true);
  expect(hasOnlyModelNames({ models: 'a\0' })).toBe(true);
});
