import { expect, test } from 'vitest';
import { resumePointOf, deliveryWatcher } from './delivered.ts';

const delta = (fields: object, choice: object = {}) => ({
  id: 'gen-1',
  created: 1,
  model: 'maker/model',
  choices: [{ index: 0, delta: fields, finish_reason: null, ...choice }],
});
const shownOf = (chunks: readonly unknown[], keepsText = true) => {
  const watcher = deliveryWatcher({ keepsText });
  for (const chunk of chunks) watcher.see(chunk);
  return watcher.delivered();
};

test.each<[string, readonly unknown[]]>([
  ['nothing', []],
  ['who speaks', [delta({ role: 'assistant', content: '' })]],
  ['reasoning', [delta({ reasoning: 'Hm.', content: null })]],
  ['reasoning under its other name', [delta({ reasoning_content: 'Hm.' })]],
  [
    'details that nobody has signed',
    [delta({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: null }] })],
  ],
  ['white space', [delta({ content: '\n' })]],
  ['what is no chunk', [null, 7, { choices: 1 }, { choices: [null, {}] }]],
])('of what shows %s, another answer may begin at its beginning', (_what, chunks) => {
  expect(resumePointOf(shownOf(chunks))).toBeNull();
});

test('a text is gone on with where it ends', () => {
  const chunks = [delta({ content: 'Hello' }), delta({ content: ', ' }), delta({ content: 'you' })];
  expect(resumePointOf(shownOf(chunks))).toBe('Hello, you');
});

test.each<[string, readonly unknown[]]>([
  ['a call of a tool', [delta({ tool_calls: [{ index: 0, function: { arguments: '{"a' } }] })]],
  ['a call of a function', [delta({ function_call: { name: 'a' } })]],
  ['a signature', [delta({ reasoning_details: [{ type: 'reasoning.text', signature: 'abc' }] })]],
  [
    'a sealed thought',
    [delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] })],
  ],
  ['a picture', [delta({ images: [{}] })]],
  ['a refusal', [delta({ refusal: 'No.' })]],
  ['another choice', [delta({ content: 'a' }, { index: 1 })]],
  ['an end', [delta({ content: 'a' }, { finish_reason: 'stop' })]],
])('nobody goes on after %s', (_what, chunks) => {
  expect(resumePointOf(shownOf([delta({ content: 'Hello' }), ...chunks]))).toBeUndefined();
});

test('nobody goes on with a text that nobody kept, or that is too long to keep', () => {
  expect(resumePointOf(shownOf([delta({ content: 'a' })], false))).toBeUndefined();
  const long = delta({ content: 'x'.repeat(200_000) });
  expect(resumePointOf(shownOf([long]))).toHaveLength(200_000);
  expect(resumePointOf(shownOf([long, long]))).toBeUndefined();
});
