import { expect, test } from 'vitest';
import { joinBytes } from '@gateway/worker-utils/bytes';
import { scrubbed, scrubber } from './scrubbed.ts';

const BROKEN_LINE = 'line\nbreak in a key';
const SECRETS = ['sk-own-key-1234', 'another-own-key', BROKEN_LINE, 'schlüssel-é'];
const encoder = new TextEncoder();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const text = `{"error":"bad sk-own-key-1234, ${JSON.stringify(BROKEN_LINE)} another-own-key schlüssel-é ü sk-own-ke"}`;
const clean = '{"error":"bad [redacted], "[redacted]" [redacted] [redacted] ü sk-own-ke"}';

test('a secret is taken out wherever a body is cut, and nothing else is changed', () => {
  const bytes = encoder.encode(text);
  for (let cut = 0; cut <= bytes.byteLength; cut += 1) {
    const scrub = scrubber(SECRETS);
    const parts = [
      scrub.next(bytes.subarray(0, cut)),
      scrub.next(bytes.subarray(cut)),
      scrub.end(),
    ];
    expect(textOf(joinBytes(parts))).toBe(clean);
  }
});

test('bytes that are no text pass as they are', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const scrub = scrubber(SECRETS);
  expect(joinBytes([scrub.next(bytes), scrub.end()])).toEqual(bytes);
});

test('only what may begin a secret is held back', () => {
  const scrub = scrubber(SECRETS);
  expect(textOf(scrub.next(encoder.encode('data: {}\n\nsk-own')))).toBe('data: {}\n\n');
});

test('an answer keeps its status and headers, but for a length that is not its own any more', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '15', 'x-id': '1' };
  const response = scrubbed(new Response('sk-own-key-1234', { status: 401, headers }), SECRETS);
  expect([response.status, response.headers.get('x-id')]).toEqual([401, '1']);
  expect(response.headers.has('content-length')).toBe(false);
  expect(await response.text()).toBe('[redacted]');
});
