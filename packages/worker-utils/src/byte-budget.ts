/** How many bytes all that is going on in an isolate may hold together. */
export type ByteBudget = { readonly open: () => Holding };

/** What one of them holds. */
export type Holding = {
  /** Sets how many bytes it holds now. Where all together are too many, the oldest holdings are revoked until the rest fits. */
  readonly hold: (bytes: number) => void;
  /** Call once, when nothing is held any more. Harmless after a revocation. */
  readonly release: () => void;
  readonly isRevoked: () => boolean;
  /** Resolves when the holding is revoked: its owner must let go of the bytes in that turn. Its bytes no longer count. */
  readonly revoked: Promise<'revoked'>;
};

type Entry = { bytes: number; readonly revoke: () => void };

/**
 * The oldest give way: whoever stalls is older than whoever makes progress, so that stalled ones cannot lock out the others.
 * @param bytesMax of all holdings together
 */
export function byteBudget(bytesMax: number): ByteBudget {
  // In the order in which they were opened.
  const entries = new Set<Entry>();
  let held = 0;
  const remove = (entry: Entry): boolean => {
    const wasHeld = entries.delete(entry);
    if (wasHeld) held -= entry.bytes;
    return wasHeld;
  };
  return {
    open() {
      const { promise: revoked, resolve } = Promise.withResolvers<'revoked'>();
      let isRevoked = false;
      const entry: Entry = {
        bytes: 0,
        revoke() {
          isRevoked = true;
          resolve('revoked');
        },
      };
      entries.add(entry);
      return {
        hold(bytes) {
          if (!entries.has(entry)) return;
          held += bytes - entry.bytes;
          entry.bytes = bytes;
          for (const oldest of entries) {
            if (held <= bytesMax) break;
            // One that holds nothing yet frees nothing.
            if (oldest.bytes > 0 && remove(oldest)) oldest.revoke();
          }
        },
        release: () => void remove(entry),
        isRevoked: () => isRevoked,
        revoked,
      };
    },
  };
}
