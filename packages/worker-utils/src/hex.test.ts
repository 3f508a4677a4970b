import { expect, test } from 'vitest';
import { hexOf } from './hex.ts';

test('every byte is two digits', () => {
  expect(hexOf(Uint8Array.of(0, 1, 0x0f, 0x10, 0xab, 0xff))).toBe('00010f10abff');
  expect(hexOf(new Uint8Array())).toBe('');
});
