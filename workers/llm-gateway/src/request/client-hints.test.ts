import { expect, test } from 'vitest';
import { clientHintsOf } from './client-hints.ts';

const hints = (headers: Record<string, string>, door: 'gateway' | 'openrouter' = 'openrouter') =>
  clientHintsOf(new Headers(headers), door);

test.each([
  ['cli', 'cli'],
  ['  CLI ', 'cli'],
  ['unheard-of', null],
  ['', null],
])('the feature %j is read as %j', (header, expected) => {
  expect(hints({ 'x-kilocode-feature': header }).feature).toBe(expected);
});

test('who names no feature came for the API itself, except on the older prefix', () => {
  expect(hints({}, 'gateway').feature).toBe('direct-gateway');
  expect(hints({}, 'openrouter').feature).toBeNull();
});

test('labels are cut to 500 characters and trimmed, and an empty one is none', () => {
  expect(hints({ 'x-kilocode-mode': '  code ' }).mode).toBe('code');
  expect(hints({ 'x-kilocode-taskid': 'a'.repeat(600) }).task).toHaveLength(500);
  expect(hints({ 'x-kilocode-editorname': ' ' }).editor).toBeNull();
  expect(hints({ 'x-kilocode-organizationid': '' }).organization).toBeNull();
});
