import { expect, test } from 'vitest';
import { ChatRequest } from './request.ts';
import { nextCall } from './task.ts';

const text = { type: 'string' };
const object = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
const offered = (name: string, properties: object) => ({
  type: 'function',
  function: { name, parameters: object(properties) },
});

/** The tools of different clients, and the same calls of each. */
const clients = [
  {
    tools: [
      offered('todowrite', { todos: text }),
      offered('write', { content: text, filePath: text }),
      offered('read', { filePath: text }),
    ],
    calls: [
      ['read', { filePath: 'notes.txt' }],
      ['write', { content: 'buy milk', filePath: 'done.txt' }],
    ],
  },
  {
    tools: [
      offered('read_files', { files: { type: 'array', items: object({ path: text }) } }),
      offered('editor', { path: text, new_text: text }),
    ],
    calls: [
      ['read_files', { files: [{ path: 'notes.txt' }] }],
      ['editor', { path: 'done.txt', new_text: 'buy milk' }],
    ],
  },
];

const nextOf = (tools: unknown, results: readonly string[]) => {
  const messages = [
    { role: 'user', content: 'Do it.' },
    ...results.map((content) => ({ role: 'tool', content })),
  ];
  const call = nextCall(ChatRequest.parse({ model: 'sim/task', messages, tools }), 'todo');
  return call && [call.tool.function.name, call.arguments];
};

test.each(clients)(
  'a task is done with the tools that a client offers (%#)',
  ({ tools, calls }) => {
    expect(nextOf(tools, [])).toEqual(calls[0]);
    expect(nextOf(tools, ['1: TODO: buy milk\n'])).toEqual(calls[1]);
    expect(nextOf(tools, ['1: TODO: buy milk\n', 'Wrote file.'])).toBeNull();
  },
);

test('without a tool for it there is nothing to call', () => {
  expect(nextOf([offered('bash', { command: text })], [])).toBeNull();
  expect(nextOf(undefined, [])).toBeNull();
});
