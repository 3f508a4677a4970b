import { expect, test } from 'vitest';
import { promptOf } from './prompt.ts';

const cached = { anthropic: { cacheControl: { type: 'ephemeral' } } };
const user = (...content: readonly object[]) => ({ role: 'user', content });
const image = (url: string) => ({ type: 'image_url', image_url: { url, detail: 'low' } });
const file = (type: string, data: string) => ({
  type: 'file',
  mediaType: type,
  data: { type: 'data', data },
});

test.each<[string, object, object | null]>([
  [
    'instructions of either name',
    { role: 'developer', content: 'Be brief.' },
    { role: 'system', content: 'Be brief.' },
  ],
  ['empty instructions', { role: 'system', content: null }, null],
  [
    "a client's breakpoint",
    user({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }),
    user({ type: 'text', text: 'a', providerOptions: cached }),
  ],
  [
    'an image in a URL',
    user(image('data:image/PNG;base64,aGk=')),
    user({ ...file('image/png', 'aGk='), providerOptions: { openai: { imageDetail: 'low' } } }),
  ],
  [
    'a file with its name',
    user({ type: 'file', file: { file_data: 'data:application/pdf;base64,aGk=', filename: 'a' } }),
    user({ ...file('application/pdf', 'aGk='), filename: 'a' }),
  ],
  [
    'sound',
    user({ type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } }),
    user(file('audio/mpeg', 'aGk=')),
  ],
  [
    'an answer in parts',
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'ab' }] },
  ],
  ['an answer that says nothing', { role: 'assistant', content: '' }, null],
  [
    'the result of a call that nobody made',
    { role: 'tool', tool_call_id: 'x', content: [{ type: 'text', text: 'a' }] },
    {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'x',
          toolName: '',
          output: { type: 'content', value: [{ type: 'text', text: 'a' }] },
        },
      ],
    },
  ],
  [
    'a URL that a tool has found: text, not a file',
    { role: 'tool', tool_call_id: 'x', content: [image('http://10.0.0.1/x.png')] },
    {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'x',
          toolName: '',
          output: { type: 'content', value: [{ type: 'text', text: 'http://10.0.0.1/x.png' }] },
        },
      ],
    },
  ],
])('%s', (_name, message, told) => {
  expect(promptOf([message])).toEqual({ ok: true, value: told ? [told] : [] });
});

test('a result has the name of the tool that was called', () => {
  const calls = [{ id: 'x', function: { name: 'read', arguments: ' ' } }];
  const prompt = promptOf([
    { role: 'assistant', tool_calls: calls },
    { role: 'tool', tool_call_id: 'x', content: null },
  ]);
  expect(prompt).toMatchObject({
    value: [
      { content: [{ type: 'tool-call', toolName: 'read', input: {} }] },
      { content: [{ toolName: 'read', output: { type: 'text', value: '' } }] },
    ],
  });
});

test.each([
  ['{"path":"a', { unreadable_arguments: '{"path":"a' }],
  ['"text"', { unreadable_arguments: '"text"' }],
  ['[1]', { unreadable_arguments: '[1]' }],
  [7, { unreadable_arguments: 7 }],
  ['null', {}],
  [null, {}],
  [undefined, {}],
  [{ path: 'a' }, { path: 'a' }],
])('a call with the arguments %j has an object as its input', (told, input) => {
  const calls = [{ id: 'x', function: { name: 'read', arguments: told } }];
  expect(promptOf([{ role: 'assistant', tool_calls: calls }])).toMatchObject({
    value: [{ content: [{ type: 'tool-call', input }] }],
  });
});

test.each<[object]>([
  [{ content: [{ type: 'refusal', refusal: 'I will not.' }] }],
  [{ content: null, refusal: 'I will not.' }],
  [{ content: [{ type: 'text', text: 'I will ' }], refusal: 'not.' }],
])('an assistant that refused is heard: %j', (message) => {
  expect(promptOf([{ role: 'assistant', ...message }])).toEqual({
    ok: true,
    value: [{ role: 'assistant', content: [{ type: 'text', text: 'I will not.' }] }],
  });
});

test.each<[string, unknown, string]>([
  ['no list', {}, 'messages: '],
  ['no message', [null], 'messages.0: '],
  ['no content', [{ role: 'user' }], 'messages.0.content: '],
  [
    'a part of an unknown kind',
    [user({ type: 'text', text: 'a' }, { type: 'hologram' })],
    'messages.0.content.1',
  ],
  ['data that is not base64', [user(image('data:image/png,hi'))], 'messages.0.content.0: This is'],
])('%s is refused, and the place is named', (_name, messages, words) => {
  const prompt = promptOf(messages);
  expect(prompt.ok ? '' : prompt.error).toContain(words);
});
