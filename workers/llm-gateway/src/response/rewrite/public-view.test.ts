import { expect, test } from 'vitest';
import { publicAnswer, publicChunk } from './public-view.ts';

const NAME = 'house/model:free';

test('a chunk shows the name that was asked for, and no price', () => {
  const usage = {
    prompt_tokens: 7,
    completion_tokens: 3,
    prompt_tokens_details: { audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 1 },
    cost: 0.5,
    cost_details: { upstream_inference_cost: 0.4 },
    is_byok: false,
  };
  expect(publicChunk({ id: 'gen-1', model: 'house/model', provider: 'X', usage }, NAME)).toEqual({
    id: 'gen-1',
    model: NAME,
    provider: 'X',
    choices: [],
    usage: {
      prompt_tokens: 7,
      completion_tokens: 3,
      prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 1 },
    },
  });
});

test('what is not there is not added: no model, no usage, and no choices to a whole answer', () => {
  expect(publicAnswer({ model: '', usage: null }, NAME)).toEqual({ model: '', usage: null });
  expect(publicChunk({ error: { message: 'm' }, user_id: 'org_1' }, NAME)).toEqual({
    error: { message: 'm' },
    choices: [],
  });
  const cached = { prompt_tokens_details: { cached_tokens: 9 } };
  expect(publicAnswer({ usage: cached }, NAME)).toEqual({ usage: cached });
});

test('every choice is put right, not only the first', () => {
  const delta = (index: number) => ({
    index,
    delta: { role: null, content: '', reasoning_content: 'Hm' },
  });
  expect(publicChunk({ choices: [delta(0), delta(1), 'odd'] }, NAME)).toEqual({
    choices: [
      ...[0, 1].map((index) => ({
        index,
        delta: {
          content: '',
          reasoning: 'Hm',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }],
        },
      })),
      'odd',
    ],
  });
});

test.each([
  [
    { reasoning_content: 'a', reasoning: 'b' },
    { reasoning: 'b', reasoning_details: [{ type: 'reasoning.text', text: 'a' }] },
  ],
  [
    { reasoning_content: 'a', reasoning: '', reasoning_details: [{ type: 'x' }] },
    { reasoning: 'a', reasoning_details: [{ type: 'x' }] },
  ],
  [
    { reasoning_content: '', role: 'assistant' },
    { reasoning_content: '', role: 'assistant' },
  ],
])('the message %j is shown as %j', (message, shown) => {
  expect(publicAnswer({ choices: [{ message }] }, NAME)).toEqual({ choices: [{ message: shown }] });
});
