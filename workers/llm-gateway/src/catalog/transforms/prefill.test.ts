import { expect, test } from 'vitest';
import type { ChatRequest } from '../../request/chat-request.ts';
import { canPrefill, withPrefill } from './prefill.ts';

const user = { role: 'user', content: 'Hello' };
const chat = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'maker/model',
  messages: [user],
  ...fields,
});

test('appends the prefix as the last message without trailing white space', () => {
  const resumed = withPrefill(chat(), 'The river \n');
  expect(resumed['messages']).toEqual([user, { role: 'assistant', content: 'The river' }]);
  expect(withPrefill(chat(), null)).toEqual(chat());
});

test('merges with a prefix that the client sent', () => {
  const messages = [user, { role: 'assistant', content: 'The ' }];
  expect(canPrefill(chat({ messages }))).toBe(true);
  expect(withPrefill(chat({ messages }), 'river')['messages']).toEqual([
    user,
    { role: 'assistant', content: 'The river' },
  ]);
});

test.each([
  ['several answers', { n: 2 }],
  ['JSON', { response_format: { type: 'json_schema' } }],
  ['messages that are none', { messages: 'Hello' }],
  ['a begun answer in parts', { messages: [user, { role: 'assistant', content: [] }] }],
])('a request for %s is not gone on with', (_what, fields) => {
  expect(canPrefill(chat())).toBe(true);
  expect(canPrefill(chat(fields))).toBe(false);
});
