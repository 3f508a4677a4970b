import { expect, test } from 'vitest';
import { bearerToken } from './bearer-token.ts';

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER  a.b-c=', 'a.b-c='],
  ['Bearer', null],
  ['Bearer ', null],
  ['Bearer a b', null],
  ['Basic abc', null],
  ['', null],
  [null, null],
  [undefined, null],
])('%s: %s', (header, token) => {
  expect(bearerToken(header)).toBe(token);
});
