import { expect, test } from 'vitest';
import { tokenLimitOf } from './token-limit.ts';

test.each([
  [{ max_tokens: 100 }, 100],
  [{ max_completion_tokens: 200 }, 200],
  [{ max_tokens: 100, max_completion_tokens: 200 }, 100],
  [{ max_tokens: null, max_completion_tokens: 200 }, 200],
  [{ max_tokens: 'many', max_completion_tokens: '200' }, 200],
  [{ max_tokens: 100.5 }, 100.5],
  [{ max_tokens: {}, max_completion_tokens: [5] }, null],
  [{}, null],
])('reads %j as %j', (limits, expected) => {
  expect(tokenLimitOf({ model: 'maker/model', ...limits })).toBe(expected);
});
