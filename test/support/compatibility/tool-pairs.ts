import { expect } from 'vitest';
import type { Row } from './row.ts';

const call = (id: unknown, path: string) => ({
  ...(id !== undefined && { id }),
  type: 'function',
  function: { name: 'read', arguments: JSON.stringify({ path }) },
});
const result = (id: unknown, content: string) => ({
  role: 'tool',
  ...(id !== undefined && { tool_call_id: id }),
  content,
});
const conversation = (first: unknown, second: unknown) => [
  { role: 'user', content: 'Read both.' },
  { role: 'assistant', content: null, tool_calls: [call(first, 'a'), call(second, 'b')] },
  result(first, 'of a'),
  result(second, 'of b'),
];
const answered = { client: { status: 200 }, usage: { has_error: false } } as const;

const expectParts = (sent: unknown, parts: readonly string[]): void => {
  for (const part of parts) expect(JSON.stringify(sent)).toContain(part);
};

export const toolPairs: readonly Row[] = [
  ...['', 'read', undefined].flatMap((id): readonly Row[] => [
    {
      ...answered,
      name: `two calls with the id ${JSON.stringify(id)} keep both results`,
      surfaces: ['paid', 'v1', 'keyed', 'free'],
      request: { messages: conversation(id, id) },
      sent: [{ messages: conversation('call_1_0', 'call_1_1') }],
    },
    {
      ...answered,
      name: `a custom LLM gets both results of two calls with the id ${JSON.stringify(id)}`,
      surfaces: ['custom-openai', 'custom-anthropic'],
      request: { messages: conversation(id, id) },
      check: ({ sent }) => expectParts(sent, ['call_1_0', 'call_1_1', 'of a', 'of b']),
    },
  ]),
  {
    ...answered,
    name: 'blanks around the model id stay here',
    surfaces: ['paid', 'v1', 'keyed'],
    request: { model: ' deepseek/DeepSeek-v3.2\n', max_completion_tokens: 77 },
    usage: { has_error: false, max_tokens: 77, requested_model: 'deepseek/deepseek-v3.2' },
    sent: [{ model: 'deepseek/DeepSeek-v3.2' }],
  },
];
