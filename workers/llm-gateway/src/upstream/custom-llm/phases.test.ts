import { ok } from '@gateway/worker-utils/result';
import { expect, test } from 'vitest';
import { phasedMessageIn, phasedMessagesOf, phaseKey, takesPhases, withPhases } from './phases.ts';
import { promptOf } from './prompt.ts';

test.each([
  [
    'task-1',
    ['Hello', ' world'],
    '31676edfabf2817154d006f7438a7df36dde92c6f22e81678548ffa77ed9d66d',
  ],
  [null, ['Hello'], '1c802857a38066b362a7d362d488cf8e3ed36cad69974aaa3794f6d74abe701d'],
])('a phase of task %s has the key that other programs compute', async (task, texts, key) => {
  expect(await phaseKey({ user: 'user-1', task }, texts)).toBe(key);
});

const message = {
  type: 'message',
  phase: 'commentary',
  content: [
    { type: 'output_text', text: 'Hello' },
    { type: 'refusal', refusal: 'No.' },
    { type: 'output_text', text: ' world' },
  ],
};

test('reads the phase from the event that ends a message', () => {
  const event = { type: 'response.output_item.done', item: message };
  expect(phasedMessageIn(event)).toEqual({ texts: ['Hello', ' world'], phase: 'commentary' });
});

test.each([
  ['another event', { type: 'response.output_item.added', item: message }],
  ['another item', { type: 'response.output_item.done', item: { ...message, type: 'reasoning' } }],
  ['no phase', { type: 'response.output_item.done', item: { ...message, phase: null } }],
  ['no text', { type: 'response.output_item.done', item: { ...message, content: [] } }],
  ['no event', 'text'],
])('%s tells of none', (_name, event) => {
  expect(phasedMessageIn(event)).toBeNull();
});

test('reads the phase of each message from a whole answer', () => {
  const part = (text: string, itemId: string, phase: string) => ({
    type: 'text' as const,
    text,
    providerMetadata: { openai: { itemId, phase } },
  });
  const content = [
    part('Hello', 'msg_1', 'commentary'),
    part(' world', 'msg_1', 'commentary'),
    { type: 'text' as const, text: 'without one' },
    part('Done', 'msg_2', 'final_answer'),
  ];
  expect(phasedMessagesOf(content)).toEqual([
    { texts: ['Hello', ' world'], phase: 'commentary' },
    { texts: ['Done'], phase: 'final_answer' },
  ]);
});

test('restores stored phases on assistant messages only', () => {
  const prompt = promptOf([
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hello' },
    { role: 'assistant', content: 'Bye' },
  ]);
  const told = prompt.ok
    ? ok(withPhases(prompt.value, new Map([['Hello', 'commentary']])))
    : prompt;
  expect(told).toMatchObject({
    value: [
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      { content: [{ providerOptions: { openai: { phase: 'commentary' } } }] },
      { content: [{ type: 'text', text: 'Bye' }] },
    ],
  });
  expect(JSON.stringify(told).match(/phase/g)).toHaveLength(1);
});

test.each([
  ['openai', 'https://api.openai.com/v1', true],
  ['openai', 'https://llm.example.com/v1', false],
  ['anthropic', 'https://api.openai.com/v1', false],
])('%s at %s is told of phases: %s', (provider, baseUrl, isTold) => {
  expect(takesPhases({ provider, baseUrl })).toBe(isTold);
});
