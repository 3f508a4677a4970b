import { expect } from 'vitest';
import type { Row, Surface } from './row.ts';

const both: readonly Surface[] = ['custom-openai', 'custom-anthropic'];
const openai: readonly Surface[] = ['custom-openai'];
const anthropic: readonly Surface[] = ['custom-anthropic'];

const schema = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
};
const json_schema = { name: 'answer', schema, strict: true };
const response_format = { type: 'json_schema', json_schema };
const answered = { client: { status: 200 }, usage: { has_error: false } };

const refused = (
  surfaces: readonly Surface[],
  request: Readonly<Record<string, unknown>>,
  words: RegExp,
): Row => ({
  name: `refuses ${JSON.stringify(request)}, and asks nobody`,
  surfaces,
  request,
  client: { status: 400, contains: [words] },
  sent: [],
});

/** A call whose arguments were cut off, as it stays in the history of its conversation. */
const cutOff = '{"path":"src/a';
const history = [
  { role: 'user', content: 'Read it.' },
  {
    role: 'assistant',
    content: [{ type: 'refusal', refusal: 'I would rather not.' }],
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'read', arguments: cutOff } }],
  },
  { role: 'tool', tool_call_id: 'call_1', content: 'These arguments are no JSON.' },
];

export const customLlmInputs: readonly Row[] = [
  {
    ...answered,
    name: 'asks OpenAI for an answer that fits a schema',
    surfaces: openai,
    request: { response_format },
    sent: [{ text: { format: { type: 'json_schema', name: 'answer', strict: true, schema } } }],
  },
  {
    ...answered,
    name: 'asks Anthropic for an answer that fits a schema',
    surfaces: anthropic,
    request: { response_format },
    sent: [{ output_config: { format: { type: 'json_schema', schema } } }],
  },
  {
    ...answered,
    name: 'asks OpenAI for any JSON',
    surfaces: openai,
    request: { response_format: { type: 'json_object' }, stream: true },
    sent: [{ text: { format: { type: 'json_object' } } }],
  },
  {
    ...answered,
    name: 'tells Anthropic where to stop',
    surfaces: anthropic,
    request: { stop: ['END', 'FIN'], stream: true },
    sent: [{ stop_sequences: ['END', 'FIN'] }],
  },
  ...[false, true].map((stream): Row => ({
    ...answered,
    name: `tells how probable the tokens of OpenAI were (stream: ${stream})`,
    surfaces: openai,
    request: { logprobs: true, top_logprobs: 2, stream },
    sent: [{ top_logprobs: 2, include: expect.arrayContaining(['message.output_text.logprobs']) }],
    client: {
      status: 200,
      contains: [/"logprobs":\{"content":\[\{"token":"[^"]+","logprob":-0\.5,"bytes":\[\d/],
    },
  })),
  refused(anthropic, { response_format: { type: 'json_object' } }, /response_format: /),
  refused(anthropic, { logprobs: true }, /logprobs: /),
  refused(openai, { stop: 'END', stream: true }, /stop: /),
  refused(both, { seed: 7 }, /seed: /),
  refused(both, { n: 2 }, /n: /),
  refused(both, { tools: [{ type: 'openrouter:web_search' }] }, /tools\.0\.type: /),
  {
    ...answered,
    name: 'goes on with a conversation that holds a refusal and a call that was cut off',
    surfaces: openai,
    request: { messages: history, stream: true },
    sent: [
      {
        input: [
          {},
          { role: 'assistant', content: 'I would rather not.' },
          {
            type: 'function_call',
            arguments: JSON.stringify({ unreadable_arguments: cutOff }),
          },
          { type: 'function_call_output' },
        ],
      },
    ],
  },
  {
    ...answered,
    name: 'goes on with a conversation that holds a refusal and a call that was cut off',
    surfaces: anthropic,
    request: { messages: history, stream: true },
    sent: [
      {
        messages: [
          {},
          {
            content: [
              { type: 'text', text: 'I would rather not.' },
              { type: 'tool_use', input: { unreadable_arguments: cutOff } },
            ],
          },
          { content: [{ type: 'tool_result' }] },
        ],
      },
    ],
  },
];
