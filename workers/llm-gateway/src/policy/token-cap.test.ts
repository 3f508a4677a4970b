import { expect, test } from 'vitest';
import { asksForTooManyTokens } from './token-cap.ts';

test.each([
  [{ max_tokens: 99_999_999_999 }, false],
  [{ max_tokens: 100_000_000_000 }, true],
  [{ max_completion_tokens: 100_000_000_000 }, true],
  [{ max_tokens: '100000000000' }, true],
  [{ max_tokens: 'all' }, false],
  [{ max_tokens: null }, false],
  [{ max_tokens: { toString: '' } }, false],
  [{ max_tokens: JSON.rawJSON('1e400') }, true],
  [{ max_tokens: JSON.rawJSON('1e11') }, true],
  [{ max_tokens: JSON.rawJSON('1.0') }, false],
  [{}, false],
])('%j: %j', (asked, expected) => {
  expect(asksForTooManyTokens({ model: 'm', ...asked })).toBe(expected);
});
