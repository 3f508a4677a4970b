import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Message, messagesOf } from '../../request/chat-request.ts';
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

const read = (id: unknown, path: string) => ({
  ...(id !== undefined && { id }),
  type: 'function',
  function: { name: 'read', arguments: JSON.stringify({ path }) },
});
const resultOf = (tool_call_id: unknown, content: string) => ({
  role: 'tool',
  ...(tool_call_id !== undefined && { tool_call_id }),
  content,
});

test.each<[string, unknown]>([
  ['no ids', undefined],
  ['empty ids', ''],
  ['blank ids', ' '],
  ['ids that are null', null],
  ['ids that are numbers', 7],
  ['the name of the function as id', 'read'],
  ['one id for two calls', 'call_1'],
])('pairs calls and results by order: %s', (_name, id) => {
  const messages = [
    user(),
    assistant(read(id, 'a'), read(id, 'b')),
    resultOf(id, 'of a'),
    resultOf(id, 'of b'),
    user(),
  ];
  expect(withToolsRepaired({ model: 'm', messages })['messages']).toEqual([
    user(),
    assistant(read('call_1_0', 'a'), read('call_1_1', 'b')),
    resultOf('call_1_0', 'of a'),
    resultOf('call_1_1', 'of b'),
    user(),
  ]);
});

test.each<[string, unknown[], unknown[]]>([
  [
    'two equal calls without ids are two calls',
    [assistant(read('', 'a'), read('', 'a')), resultOf('', '1'), resultOf('', '2')],
    [
      assistant(read('call_1_0', 'a'), read('call_1_1', 'a')),
      resultOf('call_1_0', '1'),
      resultOf('call_1_1', '2'),
    ],
  ],
  [
    'a single call without an id gets one',
    [assistant(read(undefined, 'a')), resultOf(undefined, '1')],
    [assistant(read('call_1_0', 'a')), resultOf('call_1_0', '1')],
  ],
  [
    'a call named after its function keeps its id while it is the only one',
    [assistant(read('read', 'a')), resultOf('read', '1')],
    [assistant(read('read', 'a')), resultOf('read', '1')],
  ],
  [
    'a call without a result is answered as interrupted, and the result goes to the first',
    [assistant(read('', 'a'), read('', 'b')), resultOf('', '1')],
    [
      assistant(read('call_1_0', 'a'), read('call_1_1', 'b')),
      interrupted('call_1_1'),
      resultOf('call_1_0', '1'),
    ],
  ],
  [
    'a result beyond the last call goes',
    [assistant(read('', 'a')), resultOf('', '1'), resultOf('', '2')],
    [assistant(read('call_1_0', 'a')), resultOf('call_1_0', '1')],
  ],
  [
    'calls with good ids keep them beside calls without',
    [
      assistant(read('x', 'a'), read('', 'b'), read('y', 'c')),
      resultOf('y', 'of c'),
      resultOf('', 'of b'),
      resultOf('x', 'of a'),
    ],
    [
      assistant(read('x', 'a'), read('call_1_1', 'b'), read('y', 'c')),
      resultOf('y', 'of c'),
      resultOf('call_1_1', 'of b'),
      resultOf('x', 'of a'),
    ],
  ],
  [
    'results without ids belong to the calls that have no other',
    [
      assistant(read('x', 'a'), read('y', 'b'), read('z', 'c')),
      resultOf('y', 'of b'),
      resultOf('', 'of a'),
      resultOf(null, 'of c'),
    ],
    [
      assistant(read('x', 'a'), read('y', 'b'), read('z', 'c')),
      resultOf('y', 'of b'),
      resultOf('x', 'of a'),
      resultOf('z', 'of c'),
    ],
  ],
  [
    'a result whose id no call has belongs to the call without an id',
    [assistant(read('', 'a')), resultOf('made_up', '1')],
    [assistant(read('call_1_0', 'a')), resultOf('call_1_0', '1')],
  ],
  [
    'a new id is none that the turn already has',
    [assistant(read('call_1_1', 'a'), read('', 'b')), resultOf('call_1_1', '1'), resultOf('', '2')],
    [
      assistant(read('call_1_1', 'a'), read('call_1_1_', 'b')),
      resultOf('call_1_1', '1'),
      resultOf('call_1_1_', '2'),
    ],
  ],
  [
    'each turn has ids of its own',
    [assistant(read('', 'a')), resultOf('', '1'), assistant(read('', 'b')), resultOf('', '2')],
    [
      assistant(read('call_1_0', 'a')),
      resultOf('call_1_0', '1'),
      assistant(read('call_2_0', 'b')),
      resultOf('call_2_0', '2'),
    ],
  ],
  [
    'custom tools are paired too',
    [assistant({ type: 'custom', custom: { name: 'x', input: '' } }), resultOf(undefined, '1')],
    [
      assistant({ id: 'call_1_0', type: 'custom', custom: { name: 'x', input: '' } }),
      resultOf('call_1_0', '1'),
    ],
  ],
])('%s', (_name, messages, expected) => {
  const repaired = withToolsRepaired({ model: 'm', messages });
  expect(repaired['messages']).toEqual(expected);
  expect(withToolsRepaired(repaired)['messages']).toBe(repaired['messages']);
});

test('the ids of earlier turns stay the same as a conversation grows', () => {
  const before = [user(), assistant(read('', 'a')), resultOf('', '1')];
  const after = [...before, user(), assistant(read('', 'b')), resultOf('', '2')];
  const messages = messagesOf(withToolsRepaired({ model: 'm', messages: after }));
  expect(messages.slice(0, before.length)).toEqual(
    withToolsRepaired({ model: 'm', messages: before })['messages'],
  );
});

const id = fc.constantFrom('a', 'b', 'c');
const anyId = fc.constantFrom('a', 'b', 'read', '', undefined);
const anyTurn = fc
  .array(fc.tuple(anyId, fc.constantFrom('a', 'b')), { maxLength: 4 })
  .chain((calls) =>
    fc.record({
      calls: fc.constant(calls),
      results: fc.integer({ min: 0, max: calls.length }).map((count) => calls.slice(0, count)),
    }),
  )
  .map(({ calls, results }) => [
    assistant(...calls.map(([called, path]) => read(called, path))),
    ...results.map(([called], index) => resultOf(called, String(index))),
  ]);

test('leaves each call of any turn with exactly one result', () => {
  fc.assert(
    fc.property(fc.array(anyTurn, { maxLength: 4 }), (turns) => {
      const repaired = withToolsRepaired({ model: 'm', messages: turns.flat() });
      expect(withToolsRepaired(repaired)['messages']).toBe(repaired['messages']);
      for (const { called, answered } of turnsIn(messagesOf(repaired))) {
        expect(new Set(called).size).toBe(called.length);
        expect(answered.toSorted()).toEqual(called.toSorted());
      }
    }),
  );
});

test('pairs twenty thousand calls of one turn that have no ids', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => index);
  const messages = [
    assistant(...many.map((index) => read('', String(index)))),
    ...many.map((index) => resultOf('', String(index))),
  ];
  const repaired = messagesOf(withToolsRepaired({ model: 'm', messages }));
  expect(repaired).toHaveLength(messages.length);
  expect(repaired.at(-1)).toEqual(resultOf('call_1_19999', '19999'));
});

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
