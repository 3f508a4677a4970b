import { APICallError, JSONParseError, UnsupportedFunctionalityError } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { failureOf } from './failure.ts';

const call = { url: 'https://llm.example.com/v1', requestBodyValues: {} };

test('keeps the status, the message and the retry-after of an error', () => {
  const error = new APICallError({
    ...call,
    message: 'Slow down.',
    statusCode: 429,
    responseHeaders: { 'retry-after': '7' },
    responseBody: 'x'.repeat(5000),
  });
  expect(failureOf(error, 'secret-key')).toEqual({
    status: 429,
    message: 'Slow down.',
    raw: 'x'.repeat(4096),
    retry: { 'retry-after': '7' },
  });
});

test.each<[string, unknown, number, string]>([
  [
    'a redirect',
    new APICallError({ ...call, message: 'Found', statusCode: 302 }),
    502,
    'could not be read',
  ],
  [
    'an error without words',
    new APICallError({ ...call, message: '', statusCode: 503 }),
    503,
    'answered 503',
  ],
  [
    'what the protocol has no place for',
    new UnsupportedFunctionalityError({ functionality: 'file part media type application/zip' }),
    400,
    'application/zip',
  ],
  [
    'an event that is no JSON',
    new JSONParseError({ text: '{', cause: null }),
    502,
    'could not be read',
  ],
  ['an error in a stream', { message: 'Overloaded', statusCode: 529 }, 529, 'Overloaded'],
  ['an error in a stream of no status', { message: 'Failed' }, 500, 'Failed'],
])('%s', (_name, cause, status, words) => {
  const failure = failureOf(cause, 'secret-key');
  expect(failure?.status).toBe(status);
  expect(failure?.message).toContain(words);
});

test('does not blame the endpoint for connection errors and gateway bugs', () => {
  expect(
    failureOf(new APICallError({ ...call, message: 'fetch failed' }), 'secret-key'),
  ).toBeNull();
  expect(failureOf(new TypeError('undefined is not a function'), 'secret-key')).toBeNull();
});

test('redacts the key when the endpoint repeats it', () => {
  const error = new APICallError({
    ...call,
    message: 'Wrong key: secret-key',
    statusCode: 401,
    responseBody: '{"key":"secret-key"}',
  });
  expect(failureOf(error, 'secret-key')).toMatchObject({
    message: 'Wrong key: [key]',
    raw: '{"key":"[key]"}',
  });
});
