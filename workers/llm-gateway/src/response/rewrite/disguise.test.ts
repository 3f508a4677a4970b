import { ExchangeId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { disguiseOf } from './disguise.ts';

const id = ExchangeId.parse('123e4567-e89b-42d3-a456-426614174000');
const SECRET = /acme|secret/i;

const named = {
  id: 'chatcmpl-acme-1',
  provider: 'Acme',
  system_fingerprint: 'fp_acme',
  service_tier: 'acme-default',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'public',
  'x-acme': true,
};
const message = {
  role: 'assistant',
  content: 'Hi',
  provider_metadata: { acme: { model: 'secret' } },
  reasoning: 'Hm',
  reasoning_details: [
    { type: 'reasoning.text', text: 'Hm', format: 'acme-v1', id: 'rs_acme', signature: 'c2ln' },
  ],
  tool_calls: [
    {
      index: 0,
      id: 'toolu_acme_1',
      type: 'function',
      function: { name: 'read', arguments: '{}', acme: 1 },
    },
    { index: 1, id: 'toolu_acme_2', type: 'function', function: { name: 'read', arguments: '' } },
  ],
};

test('whatever names the real model, its maker or its provider is gone, and the answer is still there', () => {
  const shown = disguiseOf(id)({
    ...named,
    choices: [
      { index: 0, message, finish_reason: 'stop', native_finish_reason: 'acme_stop', acme: 1 },
    ],
    usage: {
      prompt_tokens: 7,
      prompt_tokens_details: { cached_tokens: 1, model: 'secret' },
      acme: 'secret',
    },
  });
  expect(JSON.stringify(shown)).not.toMatch(SECRET);
  expect(shown).toMatchObject({
    id,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'public',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: {
          role: 'assistant',
          content: 'Hi',
          reasoning: 'Hm',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 'c2ln' }],
          tool_calls: [{ function: { name: 'read', arguments: '{}' } }, { index: 1 }],
        },
      },
    ],
    usage: { prompt_tokens: 7, prompt_tokens_details: { cached_tokens: 1 } },
  });
});

test('a tool call keeps one id through a stream, and no other call has it', () => {
  const disguised = disguiseOf(id);
  const idsOf = (...ids: readonly string[]) => {
    const calls = ids.map((call, index) => ({ index, id: call, function: { name: 'read' } }));
    const shown = JSON.stringify(disguised({ choices: [{ delta: { tool_calls: calls } }] }));
    return [...shown.matchAll(/"id":"(?<id>[^"]*)"/g)].map((match) => match.groups?.['id']);
  };
  const [first, second] = idsOf('a', 'b');
  expect(first).toMatch(/^call_[\da-z]+$/);
  expect(first).not.toBe(second);
  expect(idsOf('b', 'a', '')).toEqual([second, first, '']);
});

test('an error says that there is one, and nothing of whose', () => {
  const error = { message: 'Acme is overloaded', code: 529, metadata: { provider_name: 'Acme' } };
  expect(disguiseOf(id)({ error, choices: [] })).toEqual({
    choices: [],
    error: { code: 529, message: 'Stealth model unable to process request' },
  });
  expect(disguiseOf(id)({ error: 'Acme' })).toMatchObject({ error: { code: 502 } });
});
