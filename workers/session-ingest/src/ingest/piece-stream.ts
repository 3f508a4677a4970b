const encoder = new TextEncoder();
/** Pieces are small: each read gets as many as make this. */
const READ_CHARACTERS_MIN = 64 * 1024;

/** A stream of bytes that makes its pieces when they are read, and no sooner. */
export function pieceStream(pieces: Iterator<string>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      type: 'bytes',
      pull(controller) {
        let text = '';
        while (text.length < READ_CHARACTERS_MIN) {
          const piece = pieces.next();
          if (piece.done === true) break;
          text += piece.value;
        }
        if (text !== '') controller.enqueue(encoder.encode(text));
        else controller.close();
      },
    },
    // Nothing is made ahead of the reader.
    { highWaterMark: 0 },
  );
}
