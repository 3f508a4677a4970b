/** An answer of another worker carries 32 MiB, and a text takes up to two bytes for each of its bytes here. */
const TEXT_BYTES_MAX = 15 * 1024 * 1024;

/** All of a stream as text. Throws, and reads no further, where it is too long for the answer of a call. */
export async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const texts: string[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > TEXT_BYTES_MAX) throw new RangeError('This session is too long for one answer.');
    texts.push(decoder.decode(chunk, { stream: true }));
  }
  return texts.join('') + decoder.decode();
}
