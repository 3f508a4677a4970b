/** The longest prefix of whole characters that fits. */
export function cutToBytes(text: string, bytesMax: number): string {
  const buffer = new Uint8Array(bytesMax);
  const { read } = new TextEncoder().encodeInto(text, buffer);
  return text.slice(0, read);
}
