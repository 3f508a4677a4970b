import { expect, test } from 'vitest';
import { withToolCallIds as replaced } from './tool-call-ids.ts';

const withToolCallIds = (
  ...[chat, rule]: Parameters<typeof replaced> extends [infer Chat, infer Rule, unknown]
    ? [Chat, Rule]
    : never
) => replaced(chat, rule, async () => undefined);

const conversation = (id: string) => ({
  model: 'model',
  messages: [
    null,
    { role: 'user', content: id },
    { role: 'assistant', tool_calls: [{ id, type: 'function' }, null] },
    { role: 'tool', tool_call_id: id, content: '' },
  ],
});

test.each([
  ['call.1', 64, 'e8b7b7b3793f991dd79d37cbf2fd785d18c946a18a1f1cd92454fd4a5958ef14'],
  ['call_abc123', 9, '3d62e741f'],
  ['toolu_01ABC', 9, '766101102'],
])('%s in %d characters is %s, in the call and in its result', async (id, characters, hash) => {
  const changed = await withToolCallIds(conversation(id), { isToReplace: () => true, characters });
  const expected = conversation(hash);
  expect(changed).toEqual({
    ...expected,
    messages: expected.messages.map((message, index) =>
      index === 1 ? { role: 'user', content: id } : message,
    ),
  });
});

test('an id that needs no replacement keeps the request as it is', async () => {
  const chat = conversation('call-1');
  const rule = { isToReplace: (id: string) => id.includes('.'), characters: 64 };
  expect(await withToolCallIds(chat, rule)).toBe(chat);
});
