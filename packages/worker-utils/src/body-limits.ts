const MEBIBYTE = 1024 * 1024;

/** The largest body that is read at all. */
export const BODY_BYTES_MAX = 20 * MEBIBYTE;
/** `[{},{},…]` of 20 MB would become 660 MB of objects. */
const STRUCTURAL_CHARACTERS_MAX = 500_000;
const DEPTH_MAX = 100;

export type BodyLimit =
  | { readonly kind: 'bytes'; readonly bytesMax: number }
  | { readonly kind: 'elements'; readonly elementsMax: number }
  | { readonly kind: 'depth'; readonly depthMax: number };

/** For the client. */
export function describeLimit(limit: BodyLimit): string {
  switch (limit.kind) {
    case 'bytes':
      return `The request body must not exceed ${limit.bytesMax / MEBIBYTE} MiB.`;
    case 'elements':
      return `The request body must not have more than ${limit.elementsMax} structural characters.`;
    case 'depth':
      return `The request body must not be nested deeper than ${limit.depthMax} levels.`;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d,
];

/**
 * Refuses what would cost too much to parse, before it is parsed. Strings are skipped by `indexOf`, which is native, and
 * for text twice as fast as for bytes. Text that is not JSON passes: the parser refuses it.
 */
export function limitHitBy(body: string): BodyLimit | null {
  let structural = 0;
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(body, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        structural++;
        if (++depth > DEPTH_MAX) return { kind: 'depth', depthMax: DEPTH_MAX };
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        structural++;
        depth--;
        break;
      case COMMA:
      case COLON:
        structural++;
        break;
      default:
        // A number, a word, a blank, or no JSON at all.
        break;
    }
    if (structural > STRUCTURAL_CHARACTERS_MAX) {
      return { kind: 'elements', elementsMax: STRUCTURAL_CHARACTERS_MAX };
    }
  }
  return null;
}

/** Index of the closing quote, or the end of the body. */
export function endOfString(body: string, open: number): number {
  let close = open;
  do {
    close = body.indexOf('"', close + 1);
    if (close === -1) return body.length;
  } while (isEscaped(body, close));
  return close;
}

function isEscaped(body: string, at: number): boolean {
  let backslashes = 0;
  while (body.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
