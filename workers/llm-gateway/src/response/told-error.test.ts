import { expect, test } from 'vitest';
import { toldError, toldErrorOf } from './told-error.ts';

const html = `<html>
<head><title>502 Bad&nbsp;Gateway</title></head><body><center><h1>502</h1></center></body></html>`;

test.each([
  [html, '502 Bad Gateway'],
  ['<!DOCTYPE html><html><body>No title</body></html>', 'The provider failed with 502.'],
  ['<?xml version="1.0"?><Error/>', 'The provider failed with 502.'],
  ['', 'The provider failed with 502.'],
  ['  ', 'The provider failed with 502.'],
  ['null', 'The provider failed with 502.'],
  ['[]', 'The provider failed with 502.'],
  ['error code: 1015', 'error code: 1015'],
  ['"quoted"', 'quoted'],
  ['{"detail":"Not Found"}', 'Not Found'],
  [
    '{"detail":[{"type":"missing","loc":["body","messages",0,"content"],"msg":"Field required"},{"loc":["body"],"msg":"Extra"}]}',
    'body.messages.0.content: Field required; body: Extra',
  ],
  ['{"object":"error","message":{"detail":[{"loc":["body"],"msg":"Bad"}]}}', 'body: Bad'],
  ['{"message":"Unauthorized","request_id":"1"}', 'Unauthorized'],
  ['{"error":{"type":"overloaded_error"}}', 'The provider failed with 502.'],
  ['{"error":{"code":"x","message":"<html><title>Down</title></html>"}}', 'Down'],
  ['{"errors":[{"message":"one"},{"message":"two"}]}', 'one; two'],
  ['[{"error":{"code":400,"message":"In a list"}}]', 'In a list'],
  ['data: {"error":{"message":"In an event"}}\n\n', 'In an event'],
])('%j is told as %j', (text, message) => {
  expect(toldErrorOf(text, 502)).toMatchObject({ error: { message } });
});

test('keeps what else a foreign error says', () => {
  const detail = [{ loc: ['body'], msg: 'Bad' }];
  expect(toldError({ detail }, 422)).toEqual({
    detail,
    error: { code: 422, message: 'body: Bad' },
  });
});

test.each([{ error: 'It broke.' }, { error: { code: 'x', message: 'It < broke.', metadata: {} } }])(
  'leaves %j as it is',
  (body) => {
    expect(toldError(body, 500)).toBe(body);
  },
);

test('lifts the error of a choice', () => {
  const choices = [{ index: 0, error: { code: 429, message: 'Slow down.' } }];
  expect(toldError({ choices }, 502)).toMatchObject({
    error: { code: 429, message: 'Slow down.' },
  });
});

test.each([
  { user_id: 'org', error: { message: 'No.' } },
  { error: { message: 'No.', user_id: 'org', metadata: { user_id: 'org', raw: 'x' } } },
])('removes the account from %j', (body) => {
  expect(JSON.stringify(toldError(body, 400))).not.toContain('org');
});
