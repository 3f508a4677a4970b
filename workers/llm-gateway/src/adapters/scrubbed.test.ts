import { expect, test } from 'vitest';
import { scrubbed, scrubber } from './scrubbed.ts';

const SECRETS = ['sk-own-key-1234', 'another-own-key', 'line\nbreak in a key', 'schlüssel-é'];
const encoder = new TextEncoder();
const text = `{"error":"bad sk-own-key-1234, ${JSON.stringify(SECRETS[2])} another-own-key schlüssel-é ü sk-own-ke"}`;
const clean = '{"error":"bad [redacted], "[redacted]" [redacted] [redacted] ü sk-own-ke"}';

test('a secret is taken out wherever a body is cut, and nothing else is changed', () => {
  const bytes = encoder.encode(text);
  for (let cut = 0; cut <= bytes.byteLength; cut += 1) {
    const { next, end } = scrubber(SECRETS);
    const parts = [next(bytes.subarray(0, cut)), next(bytes.subarray(cut)), end()];
    expect(Buffer.concat(parts).toString(), `cut at ${cut}`).toBe(clean);
  }
});

test('bytes that are no text pass as they are', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const { next, end } = scrubber(SECRETS);
  expect(Buffer.concat([next(bytes), end()])).toEqual(Buffer.from(bytes));
});

test('only what may begin a secret is held back', () => {
  const { next } = scrubber(SECRETS);
  expect(Buffer.from(next(encoder.encode('data: {}\n\nsk-own'))).toString()).toBe('data: {}\n\n');
});

test('an answer keeps its status and headers, but for a length that is not its own any more', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '15', 'x-id': '1' };
  const response = scrubbed(new Response('sk-own-key-1234', { status: 401, headers }), SECRETS);
  expect([response.status, response.headers.get('x-id')]).toEqual([401, '1']);
  expect(response.headers.has('content-length')).toBe(false);
  expect(await response.text()).toBe('[redacted]');
});
