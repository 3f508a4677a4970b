import { expect, test } from 'vitest';
import { withCacheBreakpoints } from './cache-breakpoints.ts';

const cache_control = { type: 'ephemeral' };
const system = { role: 'system', content: 'system' };
const user = { role: 'user', content: 'user' };
const plain = { role: 'assistant', content: 'assistant' };
const tool = { role: 'tool', tool_call_id: 'a', content: 'tool' };
const cached = (message: { readonly content: string }) => ({
  ...message,
  content: [{ type: 'text', text: message.content, cache_control }],
});

test.each<[string, unknown[], unknown[]]>([
  ['no system message: untouched', [user, plain, user], [user, plain, user]],
  ['a system message with a breakpoint: untouched', [cached(system), user], [cached(system), user]],
  [
    'one on the message itself counts too',
    [{ ...system, cache_control }, user],
    [{ ...system, cache_control }, user],
  ],
  ['the system and the user', [system, user], [cached(system), cached(user)]],
  [
    'in a list, the last part',
    [
      {
        role: 'system',
        content: [
          { type: 'text', text: '1' },
          { type: 'text', text: '2' },
        ],
      },
      user,
    ],
    [
      {
        role: 'system',
        content: [
          { type: 'text', text: '1' },
          { type: 'text', text: '2', cache_control },
        ],
      },
      cached(user),
    ],
  ],
  [
    'the last user, not an earlier one',
    [system, user, plain, user],
    [cached(system), user, plain, cached(user)],
  ],
  [
    'the last tool where no user follows',
    [system, user, plain, tool],
    [cached(system), user, plain, cached(tool)],
  ],
  [
    'two users without an assistant: the last',
    [system, user, user],
    [cached(system), user, cached(user)],
  ],
  [
    'a user before the last assistant',
    [system, user, plain],
    [cached(system), cached(user), plain],
  ],
  [
    'empty texts are skipped',
    [
      { ...system, content: '' },
      { role: 'user', content: [{ type: 'text', text: '' }] },
    ],
    [
      { ...system, content: '' },
      { role: 'user', content: [{ type: 'text', text: '' }] },
    ],
  ],
  [
    'what is no content is left alone',
    [system, { role: 'user', content: [] }, null],
    [cached(system), { role: 'user', content: [] }, null],
  ],
  [
    'a developer is no system',
    [{ role: 'developer', content: 'x' }, user],
    [{ role: 'developer', content: 'x' }, user],
  ],
])('%s', (_name, messages, expected) => {
  expect(withCacheBreakpoints({ model: 'm', messages })).toEqual({
    model: 'm',
    messages: expected,
  });
});

test('messages that are no list are for the upstream to judge', () => {
  expect(withCacheBreakpoints({ model: 'm' })).toEqual({ model: 'm' });
});
