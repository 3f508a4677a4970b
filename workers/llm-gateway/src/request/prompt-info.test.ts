import { expect, test } from 'vitest';
import { ChatRequest } from './chat-request.ts';
import { promptInfoOf } from './prompt-info.ts';

const infoOf = (messages: unknown) => promptInfoOf(ChatRequest.parse({ model: 'm', messages }));
const text = (...texts: readonly string[]) => texts.map((part) => ({ type: 'text', text: part }));
const user = { role: 'user', content: 'Hello!' };

test('system and developer messages are one text; the last user message counts', () => {
  const info = infoOf([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'first' },
    { role: 'developer', content: text('And', 'kind.') },
    { role: 'user', content: [{ type: 'image_url' }, ...text('last', 'words')] },
  ]);
  expect(info).toEqual({
    system_prompt_prefix: 'Be brief.\nAnd\nkind.',
    system_prompt_length: 19,
    user_prompt_prefix: 'last\nwords',
  });
});

test('no more than a hundred characters are kept, and the whole length', () => {
  const info = infoOf([{ role: 'system', content: 'A'.repeat(200) }]);
  expect(info.system_prompt_prefix).toBe('A'.repeat(100));
  expect(info.system_prompt_length).toBe(200);
});

test.each([28, 66, 90, 100])('a system prompt of %d characters is kept whole', (length) => {
  const system = 'You are a helpful assistant. '.repeat(5).slice(0, length);
  expect(infoOf([{ role: 'system', content: system }, user])).toEqual({
    system_prompt_prefix: system,
    system_prompt_length: length,
    user_prompt_prefix: 'Hello!',
  });
});

test('without a system prompt the user prompt is still told, and the other way round', () => {
  expect(infoOf([user])).toEqual({
    system_prompt_prefix: '',
    system_prompt_length: 0,
    user_prompt_prefix: 'Hello!',
  });
  expect(infoOf([{ role: 'system', content: 'Be brief.' }])).toEqual({
    system_prompt_prefix: 'Be brief.',
    system_prompt_length: 9,
    user_prompt_prefix: '',
  });
});

test('a picture before the words is no part of them', () => {
  const content = [{ type: 'image_url', image_url: { url: 'data:' } }, ...text('What', 'is it?')];
  expect(infoOf([{ role: 'user', content }]).user_prompt_prefix).toBe('What\nis it?');
});

test.each([undefined, null, 'text', {}, [null, 1, 'x', {}]])(
  'messages %j yield nothing',
  (messages) => {
    expect(infoOf(messages)).toEqual({
      system_prompt_prefix: '',
      system_prompt_length: 0,
      user_prompt_prefix: '',
    });
  },
);
