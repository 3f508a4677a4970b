import { expect, test } from 'vitest';
import { keptReply, REPLY_CHARACTERS_MAX } from './kept-text.ts';

test('the text of a reply is kept in its order, up to its limit, and only for who asks', () => {
  const kept = keptReply(true);
  for (const piece of ['a', '', 'é🎉', 'x'.repeat(REPLY_CHARACTERS_MAX), 'lost']) kept.add(piece);
  expect(kept.text()).toBe(`aé🎉${'x'.repeat(REPLY_CHARACTERS_MAX - 4)}`);

  const unkept = keptReply(false);
  unkept.add('a');
  expect(unkept.text()).toBeNull();
});
