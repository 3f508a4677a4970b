/** The beginning of a text that comes in pieces, for whoever wants to read it afterwards. */
export type KeptText = {
  readonly add: (piece: string) => void;
  /** Null where nothing was to be kept. */
  readonly text: () => string | null;
};

/** Any usual answer fits. */
export const REPLY_CHARACTERS_MAX = 1_000_000;

export function keptReply(isKept: boolean): KeptText {
  if (!isKept) return { add: () => undefined, text: () => null };
  const pieces: string[] = [];
  let characters = 0;
  return {
    add(piece) {
      const kept = piece.slice(0, REPLY_CHARACTERS_MAX - characters);
      if (kept === '') return;
      pieces.push(kept);
      characters += kept.length;
    },
    text: () => pieces.join(''),
  };
}
