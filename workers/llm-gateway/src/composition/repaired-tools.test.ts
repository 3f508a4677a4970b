import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Message, messagesOf } from '../request/chat-request.ts';
import { withToolsRepaired } from './repaired-tools.ts';

const user = (content = 'go on') => ({ role: 'user', content });
const system = { role: 'system', content: 'be brief' };
const call = (id: string, args = '{}') => ({
  id,
  type: 'function',
  function: { name: 'tool', arguments: args },
});
const assistant = (...tool_calls: unknown[]) => ({ role: 'assistant', content: '', tool_calls });
const result = (tool_call_id: string, content = 'done') => ({
  role: 'tool',
  tool_call_id,
  content,
});
const interrupted = (id: string) => result(id, 'Tool execution was interrupted before completion.');
const plain = { role: 'assistant', content: 'hello' };

test.each<[string, unknown[], unknown[]]>([
  ['an orphan goes', [user(), result('a')], [user()]],
  [
    'a matched result stays',
    [user(), assistant(call('a')), result('a')],
    [user(), assistant(call('a')), result('a')],
  ],
  [
    'several orphans before an assistant go',
    [result('a'), result('b'), user(), assistant(call('c')), result('c')],
    [user(), assistant(call('c')), result('c')],
  ],
  [
    'a missing result is told',
    [user(), assistant(call('a')), user()],
    [user(), assistant(call('a')), interrupted('a'), user()],
  ],
  [
    'several missing results come in the order of the calls',
    [assistant(call('a'), call('b'))],
    [assistant(call('a'), call('b')), interrupted('a'), interrupted('b')],
  ],
  [
    'only the missing one is told, before those that are there',
    [assistant(call('a'), call('b')), result('a')],
    [assistant(call('a'), call('b')), interrupted('b'), result('a')],
  ],
  ['an assistant without calls is left alone', [user(), plain, user()], [user(), plain, user()]],
  [
    'each of two turns is repaired, also at the very end',
    [assistant(call('a')), user(), assistant(call('b'))],
    [assistant(call('a')), interrupted('a'), user(), assistant(call('b')), interrupted('b')],
  ],
  [
    'an orphan and a missing result at once',
    [assistant(call('a')), result('b'), user()],
    [assistant(call('a')), interrupted('a'), user()],
  ],
  [
    'a stray result of a long conversation goes',
    [system, user(), assistant(call('a')), result('a'), plain, user(), result('a'), user()],
    [system, user(), assistant(call('a')), result('a'), plain, user(), user()],
  ],
  ['an empty list', [], []],
  ['only users', [user('1'), user('2')], [user('1'), user('2')]],
  ['an empty list of calls stays', [assistant(), user()], [assistant(), user()]],
  [
    'system messages keep their place',
    [system, assistant(call('a')), system, result('a')],
    [system, assistant(call('a')), system, result('a')],
  ],
  [
    'an id that is used again in another turn keeps both results',
    [assistant(call('a')), result('a', '1'), assistant(call('a')), result('a', '2')],
    [assistant(call('a')), result('a', '1'), assistant(call('a')), result('a', '2')],
  ],
  [
    'the same call twice is one',
    [assistant(call('a'), call('a')), result('a')],
    [assistant(call('a')), result('a')],
  ],
  [
    'of two results the first is kept',
    [assistant(call('a')), result('a', '1'), result('a', '2')],
    [assistant(call('a')), result('a', '1')],
  ],
  [
    'of several repeated calls the first of each is kept, with its arguments',
    [assistant(call('a', '1'), call('b', '2'), call('a', '3'), call('b', '4'))],
    [assistant(call('a', '1'), call('b', '2')), interrupted('a'), interrupted('b')],
  ],
  [
    'a repeated call without a result is one call and one told result',
    [assistant(call('a'), call('a'))],
    [assistant(call('a')), interrupted('a')],
  ],
  [
    'repeated calls and repeated results at once',
    [assistant(call('a'), call('a')), result('a', '1'), result('a', '2')],
    [assistant(call('a')), result('a', '1')],
  ],
  [
    'three of each are one of each',
    [assistant(call('a'), call('a'), call('a')), result('a'), result('a'), result('a')],
    [assistant(call('a')), result('a')],
  ],
  [
    'a result that comes a turn too late counts as missing',
    [assistant(call('a')), plain, result('a')],
    [assistant(call('a')), interrupted('a'), plain],
  ],
  [
    'what is malformed is left to the upstream',
    [
      null,
      'text',
      { role: 'assistant', tool_calls: 'none' },
      assistant(null, { type: 'function' }),
    ],
    [
      null,
      'text',
      { role: 'assistant', tool_calls: 'none' },
      assistant(null, { type: 'function' }),
    ],
  ],
])('%s', (_name, messages, expected) => {
  const chat = { model: 'model', messages };
  const before = structuredClone(chat);
  expect(withToolsRepaired(chat)).toEqual({ model: 'model', messages: expected });
  expect(chat).toEqual(before);
});

test.each([[{ model: 'm' }], [{ model: 'm', messages: null }], [{ model: 'm', messages: 'no' }]])(
  'a request without a list of messages is left alone: %j',
  (chat) => {
    expect(withToolsRepaired(chat)).toBe(chat);
  },
);

const id = fc.constantFrom('a', 'b', 'c');
const anyMessage = fc.oneof(
  fc.constant(user()),
  fc.constant(plain),
  id.map((called) => result(called)),
  fc.array(id, { maxLength: 4 }).map((ids) => assistant(...ids.map((called) => call(called)))),
);

type Turn = { readonly called: string[]; readonly answered: string[] };
const Called = z.object({ tool_calls: z.array(z.object({ id: z.string() })) });

function turnsIn(messages: readonly Message[]): readonly Turn[] {
  const turns: Turn[] = [{ called: [], answered: [] }];
  for (const message of messages) {
    const calls = Called.safeParse(message).data?.tool_calls ?? [];
    if (message['role'] === 'assistant') {
      turns.push({ called: calls.map(({ id: called }) => called), answered: [] });
    }
    if (message['role'] === 'tool') turns.at(-1)?.answered.push(String(message['tool_call_id']));
  }
  return turns;
}

test('after the repair of any conversation, each turn has one result for each call, and no other', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 20 }), (messages) => {
      const repaired = withToolsRepaired({ model: 'm', messages });
      // What is in order is not even copied.
      expect(withToolsRepaired(repaired)['messages']).toBe(repaired['messages']);
      for (const { called, answered } of turnsIn(messagesOf(repaired))) {
        expect(new Set(called).size).toBe(called.length);
        expect(answered.toSorted()).toEqual(called.toSorted());
      }
      const kept = messagesOf(repaired).filter(({ role }) => role !== 'tool');
      expect(kept).toHaveLength(messages.filter(({ role }) => role !== 'tool').length);
    }),
  );
});
