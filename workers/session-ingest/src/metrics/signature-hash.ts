/** Two times FNV-1a, from different starts: a text of any length as a short key. A rare collision costs a wrong count, nothing else. */
export function signatureHash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x1234567;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193) ^ (b >>> 13);
  }
  return `${a}/${b}`;
}
