import { expect, test } from 'vitest';
import { publicHeadersOf } from './public-headers.ts';

const upstream = new Headers({
  date: 'Tue, 03 Mar 2026 12:00:00 GMT',
  'content-type': 'text/event-stream',
  'content-encoding': 'br',
  'content-length': '7',
  'request-id': 'req_1',
  'x-request-id': 'req_1',
  'x-generation-id': 'gen-1',
  'cache-control': 'no-cache',
  'set-cookie': 'a=b',
  'access-control-allow-origin': '*',
  'x-ratelimit-remaining': '7',
  'openai-organization': 'org',
});
const shown = (isStealth: boolean) => Object.fromEntries(publicHeadersOf(upstream, isStealth));

test("three of an upstream's headers are passed on, and no other", () => {
  expect(shown(false)).toEqual({
    date: 'Tue, 03 Mar 2026 12:00:00 GMT',
    'content-type': 'text/event-stream',
    'content-encoding': 'identity',
    'request-id': 'req_1',
  });
});

test('of a stealth model, not the id that tells by its form who answers', () => {
  expect(shown(true)).not.toHaveProperty('request-id');
});

test('what an upstream does not say is not said', () => {
  expect(Object.fromEntries(publicHeadersOf(new Headers(), false))).toEqual({
    'content-encoding': 'identity',
  });
});
