import { expect, test } from 'vitest';
import { detectFirstToken } from './detect-first-token.ts';

const delta = (fields: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});

test.each([
  delta({ content: 'Hello' }),
  delta({ content: '', reasoning: 'Hm' }),
  delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }),
  delta({ tool_calls: [{ index: 0, id: 'call' }] }),
  delta({ refusal: 'No.' }),
  delta({ content: '' }, 'stop'),
  { choices: [{ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }] },
])('the answer has begun with %j', (event) => {
  expect(detectFirstToken(event)).toEqual({ kind: 'answer' });
});

test.each([
  delta({ role: 'assistant', content: '' }),
  delta({ role: 'assistant', content: null, tool_calls: [] }),
  delta({}),
  { choices: [] },
  { usage: { cost: 1 } },
  null,
  'text',
  [],
])('but not with %j', (event) => {
  expect(detectFirstToken(event)).toEqual({ kind: 'nothing' });
});

test.each([
  [{ error: { code: 502 } }, 'anywhere'],
  [{ error: { code: '429' } }, 'anywhere'],
  [{ error: { message: 'It broke.' } }, 'anywhere'],
  [{ error: 'It broke.', ...delta({ content: '' }, 'error') }, 'anywhere'],
  [{ error: { code: 402 } }, 'elsewhere'],
  [{ error: { code: 400 } }, 'nowhere'],
])(
  'an error in the place of the answer is tried elsewhere as its code says: %j',
  (event, retry) => {
    expect(detectFirstToken(event)).toMatchObject({ kind: 'error', retry });
  },
);
