import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { repeatsReasoning, withSingleReasoning } from './single-reasoning.ts';

const details = [
  { type: 'reasoning.text', text: 'a', signature: 's' },
  { type: 'reasoning.text', text: 'a' },
  { type: 'reasoning.text', text: 'b' },
  { type: 'reasoning.text', text: '' },
  { type: 'reasoning.text', text: '' },
  { type: 'reasoning.encrypted', data: 'x' },
  { type: 'reasoning.encrypted', data: 'x' },
  { type: 'reasoning.encrypted', data: 'a' },
  { type: 'reasoning.summary', summary: 'c' },
  { type: 'reasoning.summary', summary: 'c' },
  null,
];
const message = (...kept: readonly number[]) => ({
  role: 'assistant',
  reasoning_details: kept.map((index) => details[index]),
});
const whole = message(...details.keys());

test.each([
  ['openai/gpt-5.2', [0, 2, 3, 4, 5, 7, 8, 9, 10]],
  ['anthropic/claude-sonnet-4.6', [0, 3, 4, 5, 7, 8, 9, 10]],
])('for %s each piece comes once a message', (model, kept) => {
  const chat = { model, messages: [{ role: 'user', content: 'hi' }, whole, whole] };
  expect(withSingleReasoning(chat, ModelId.parse(model))['messages']).toEqual([
    { role: 'user', content: 'hi' },
    message(...kept),
    message(...kept),
  ]);
});

test('only one client repeats itself', () => {
  expect(repeatsReasoning('opencode-kilo-provider/1.0')).toBe(true);
  expect(repeatsReasoning('Kilo-Code/4.82.0')).toBe(false);
  expect(repeatsReasoning(null)).toBe(false);
});
