import { expect, test } from 'vitest';
import { withListedFields } from './listed-fields.ts';

test('keeps what clients send, and nothing that is not known', () => {
  const known = {
    model: 'maker/model',
    messages: [],
    reasoning: { enabled: true },
    verbosity: 'low',
    prompt_cache_key: 'key',
    transforms: ['middle-out'],
    usage: { include: true },
  };
  const unknown = { from_the_future: { model: 'maker/dear' }, debug: {}, extra_body: {} };
  expect(withListedFields({ ...known, ...unknown })).toEqual(known);
});
