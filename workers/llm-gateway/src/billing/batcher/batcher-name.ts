/**
 * Which of so many clearings a ledger brings its settlements to. Always the same one: no two of them write rows of one payer,
 * and so none waits for another.
 */
export const batcherName = (ledger: string, clearings: number): string =>
  String(hashOf(ledger) % clearings);

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}
