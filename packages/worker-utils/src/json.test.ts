import { expect, test } from 'vitest';
import { parseJson } from './json.ts';

test.each([
  ['{', 1],
  ['{"a":1,}', 7],
  ['"abc', 4],
  ['', 0],
  ['nul', 3],
  // The engine quotes a part of the text instead.
  ['hello in JSON at position 3', null],
])('%j is no JSON from position %j', (text, position) => {
  expect(parseJson(text)).toEqual({ ok: false, error: { position } });
});
