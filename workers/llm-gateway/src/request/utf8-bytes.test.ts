import { expect, test } from 'vitest';
import { utf8BytesOf } from './utf8-bytes.ts';

test.each(['', 'plain', 'ü', '中文', '🙂 and text', '\u0000\u007f\u0080\u07ff\u0800\uffff'])(
  'counts the bytes of %j',
  (text) => {
    expect(utf8BytesOf(text)).toBe(new TextEncoder().encode(text).byteLength);
  },
);
