import { expect, test } from 'vitest';
import { ChatRequest } from './chat-request.ts';
import { promptInfoOf } from './prompt-info.ts';

const infoOf = (messages: unknown) => promptInfoOf(ChatRequest.parse({ model: 'm', messages }));
const text = (...texts: readonly string[]) => texts.map((part) => ({ type: 'text', text: part }));

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
