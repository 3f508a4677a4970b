import { expect, test } from 'vitest';
import { failureIn, isAnswer } from './failure-in.ts';

const good = { index: 0, message: { content: 'Hello' }, finish_reason: 'stop' };

test.each([
  [{ error: { code: 429, message: 'Slow down.' } }, 429],
  [{ error: { code: '503' } }, 503],
  [{ error: { code: 'server_error' } }, null],
  [{ error: { code: 200 } }, null],
  [{ error: { code: 1234, status: 402 } }, 402],
  [{ error: 'It broke.' }, null],
  [{ error: true }, null],
  [{ error: { message: 'It broke.' }, choices: [good] }, null],
  [{ choices: [{ ...good, error: { code: 502 } }] }, 502],
  [{ choices: [good, { index: 1, delta: {}, error: 'It broke.' }] }, null],
  [{ choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] }, null],
])('%j failed, with status %j', (chunk, status) => {
  expect(failureIn(chunk)).toMatchObject({ status });
});

test.each([undefined, null, '', ' ', false, 0, {}, []])('an error of %j is none', (error) => {
  expect(failureIn({ error, choices: [{ ...good, error }] })).toBeNull();
});

test.each([
  [{ choices: [good] }, true],
  [{ choices: [{ text: '' }] }, true],
  [{ choices: [{ finish_reason: 'stop' }] }, true],
  [{ id: null, choices: null }, false],
  [{ choices: [] }, false],
  [{ choices: [null, {}] }, false],
  [{ detail: 'Not found' }, false],
])('%j is an answer: %j', (value, expected) => {
  expect(isAnswer(value)).toBe(expected);
});
