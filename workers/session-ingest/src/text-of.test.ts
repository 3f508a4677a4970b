import { expect, test } from 'vitest';
import { textOf } from './text-of.ts';

const MEBIBYTE = 1024 * 1024;
const streamOf = (bytes: Uint8Array, chunkBytes: number) => {
  let at = 0;
  let read = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.byteLength) return controller.close();
        const chunk = bytes.slice(at, at + chunkBytes);
        at += chunkBytes;
        read += chunk.byteLength;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, read: () => read };
};

test('a character that two chunks share stays whole', async () => {
  const text = 'aé€😀z';
  expect(await textOf(streamOf(new TextEncoder().encode(text), 1).stream)).toBe(text);
});

test('a text that no call could carry is not read to its end', async () => {
  const fits = new Uint8Array(15 * MEBIBYTE).fill(0x78);
  expect(await textOf(streamOf(fits, MEBIBYTE).stream)).toHaveLength(fits.byteLength);
  const tooLong = streamOf(new Uint8Array(40 * MEBIBYTE), MEBIBYTE);
  await expect(textOf(tooLong.stream)).rejects.toThrow('This session is too long for one answer.');
  expect(tooLong.read()).toBe(16 * MEBIBYTE);
});
