import { expect } from 'vitest';
import type { Row, Surface } from './row.ts';

const short = { cache_control: { type: 'ephemeral' } };
const long = { cache_control: { type: 'ephemeral', ttl: '1h' } };
const text = (words: string, mark: object = {}) => ({ type: 'text', text: words, ...mark });
const user = (...content: readonly object[]) => ({ role: 'user', content });
const system = { role: 'system', content: 'Be brief.' };
const tool = (mark: object = {}) => ({
  type: 'function',
  function: { name: 'read', parameters: { type: 'object', properties: {} } },
  ...mark,
});

const surfaces: readonly Surface[] = ['paid', 'v1', 'keyed'];
const custom: readonly Surface[] = ['custom-anthropic'];
const ofAnthropic: Row['caller'] = async (world) => ({
  ...(await world.newcomer(10)),
  model: 'anthropic/claude-sonnet-4.6',
});
const answered = { client: { status: 200 }, usage: { has_error: false } };

const requests = {
  four: [system, user(...['a', 'b', 'c', 'd'].map((words) => text(words, short)))],
  long: [system, user(text('a', long)), { role: 'assistant', content: 'b' }, user(text('c'))],
  withoutMarks: [system, user(text('a'))],
};

const marksIn = (value: unknown): number => JSON.stringify(value).split('cache_control').length - 1;
const expectMarks = (sent: unknown, count: number): void => expect(marksIn(sent)).toBe(count);

/** The same on every way to Anthropic: what the client has set arrives, and nothing beside it. */
const untouched = (name: string, request: NonNullable<Row['request']> & object): Row => ({
  ...answered,
  name,
  surfaces,
  caller: ofAnthropic,
  request,
  sent: [request],
  check: ({ sent }) => expectMarks(sent[0], marksIn(request)),
});

export const cacheBreakpoints: readonly Row[] = [
  untouched('four marks of the client get no fifth', { messages: requests.four }),
  untouched('a mark for an hour gets none for five minutes in front', { messages: requests.long }),
  untouched('a mark on a tool is the only one', {
    tools: [tool(long)],
    messages: requests.withoutMarks,
  }),
  untouched('a mark for the whole request is the only one', {
    ...long,
    messages: requests.withoutMarks,
  }),
  {
    ...answered,
    name: 'a client without marks gets ours, on the instructions and the newest message',
    surfaces,
    caller: ofAnthropic,
    request: { messages: requests.withoutMarks },
    sent: [
      {
        messages: [{ role: 'system', content: [text('Be brief.', short)] }, user(text('a', short))],
      },
    ],
  },
  {
    ...answered,
    name: "a custom LLM gets the client's own marks, with their lifetimes",
    surfaces: custom,
    request: {
      tools: [tool(long)],
      messages: [
        {
          role: 'system',
          content: [text('Be '), text('brief.', long), text(' It is '), text('Monday.')],
        },
        user(text('a', long)),
        { role: 'assistant', content: [text('b', short)] },
        user(text('c')),
      ],
    },
    sent: [
      {
        tools: [{ name: 'read', ...long }],
        system: [text('Be brief.', long), text(' It is Monday.')],
        messages: [user(text('a', long)), { role: 'assistant', content: [text('b', short)] }, {}],
      },
    ],
    check: ({ sent }) => expectMarks(sent[0], 4),
  },
  {
    ...answered,
    name: 'a custom LLM gets a mark for the whole request, and no other',
    surfaces: custom,
    request: { ...long, messages: requests.withoutMarks },
    sent: [{ ...long, system: [{ type: 'text', text: 'Be brief.' }] }],
  },
  {
    ...answered,
    name: 'a custom LLM gets at most four marks of ours',
    surfaces: custom,
    request: { messages: [system, system, system, system, system, user(text('a'))] },
    sent: [{ system: [short, short, short, short, text('Be brief.')] }],
  },
  {
    ...answered,
    name: "a custom LLM gets the mark of a tool's result",
    surfaces: custom,
    request: {
      messages: [
        user(text('a')),
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'read', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: [text('contents', long)] },
      ],
    },
    sent: [{ messages: [{}, {}, { content: [{ type: 'tool_result', ...long }] }] }],
  },
];
