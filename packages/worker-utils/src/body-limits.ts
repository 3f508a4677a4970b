const MEBIBYTE = 1024 * 1024;

/** The largest body that is read at all. */
export const BODY_BYTES_MAX = 20 * MEBIBYTE;
// What these limits protect is time: a parser can't be interrupted, and all requests of an isolate share one thread. They are
// measured in docs/decisions/0029, each several times what coding agents send.

/** `[{},{},…]` of 20 MB would become 660 MB of objects. */
const STRUCTURAL_CHARACTERS_MAX = 150_000;
/** Of all names of fields. The parser looks each of them up. */
const NAME_CHARACTERS_MAX = 2 * MEBIBYTE;
/** Backslashes. The parser takes a detour for each of them, as does who writes the body again. */
const ESCAPES_MAX = 1_000_000;
const DEPTH_MAX = 100;
/** Escapes, and characters outside of strings, that are looked at in one turn: some milliseconds. */
const LOOKS_IN_TURN_MAX = 250_000;

export type BodyLimit =
  | { readonly kind: 'bytes'; readonly bytesMax: number }
  | { readonly kind: 'elements'; readonly elementsMax: number }
  | { readonly kind: 'names'; readonly charactersMax: number }
  | { readonly kind: 'escapes'; readonly escapesMax: number }
  | { readonly kind: 'depth'; readonly depthMax: number }
  | { readonly kind: 'entries'; readonly what: string; readonly entriesMax: number };

/** For the client. */
export function describeLimit(limit: BodyLimit): string {
  switch (limit.kind) {
    case 'bytes':
      return `The request body must not exceed ${limit.bytesMax / MEBIBYTE} MiB.`;
    case 'elements':
      return `The request body must not have more than ${limit.elementsMax} structural characters.`;
    case 'names':
      return `The request body must not have field names of more than ${limit.charactersMax} characters.`;
    case 'escapes':
      return `The request body must not have more than ${limit.escapesMax} escaped characters.`;
    case 'depth':
      return `The request body must not be nested deeper than ${limit.depthMax} levels.`;
    case 'entries':
      return `The request body must not have more than ${limit.entriesMax} ${limit.what}.`;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** Lets others have the thread. */
export type NextTurn = () => Promise<void>;

/**
 * Refuses what would cost too much to parse, before it is parsed. Strings are skipped by `indexOf`, which is native, and
 * for text twice as fast as for bytes. Text that is not JSON passes: the parser refuses it.
 */
export async function limitHitBy(body: string, nextTurn: NextTurn): Promise<BodyLimit | null> {
  const seen = { structural: 0, nameCharacters: 0, escapes: 0, depth: 0 };
  const next = { quote: -1, backslash: -1 };
  /** Where the string began that this place is in. */
  let open: number | null = null;
  let stringCharacters = 0;
  for (let at = 0, looks = 1; at < body.length; looks++) {
    if (open === null) {
      const character = body.charCodeAt(at);
      at++;
      if (character === QUOTE) open = at;
      else if (structure(character, seen) === 'name') seen.nameCharacters += stringCharacters;
    } else {
      if (next.quote < at) next.quote = indexIn(body, '"', at);
      if (next.backslash < at) next.backslash = indexIn(body, '\\', at);
      const isEscape = next.backslash < next.quote;
      if (isEscape) seen.escapes++;
      at = isEscape ? next.backslash + 2 : next.quote + 1;
      stringCharacters = next.quote - open;
      if (!isEscape) open = null;
    }
    const limit = limitIn(seen);
    if (limit) return limit;
    if (looks % LOOKS_IN_TURN_MAX === 0) await nextTurn();
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

/** The end where there is none. */
function indexIn(body: string, character: string, from: number): number {
  const at = body.indexOf(character, from);
  return at === -1 ? body.length : at;
}

type Seen = { structural: number; nameCharacters: number; escapes: number; depth: number };

/** Counts a character outside of strings. `name`: the string before it was one. */
function structure(character: number, seen: Seen): 'name' | null {
  switch (character) {
    case OPEN_LIST:
    case OPEN_OBJECT:
      seen.structural++;
      seen.depth++;
      return null;
    case CLOSE_LIST:
    case CLOSE_OBJECT:
      seen.structural++;
      seen.depth--;
      return null;
    case COLON:
      seen.structural++;
      return 'name';
    case COMMA:
      seen.structural++;
      return null;
    default:
      // A number, a word, a blank, or no JSON at all.
      return null;
  }
}

function limitIn({ structural, nameCharacters, escapes, depth }: Seen): BodyLimit | null {
  if (depth > DEPTH_MAX) return { kind: 'depth', depthMax: DEPTH_MAX };
  if (structural > STRUCTURAL_CHARACTERS_MAX) {
    return { kind: 'elements', elementsMax: STRUCTURAL_CHARACTERS_MAX };
  }
  if (nameCharacters > NAME_CHARACTERS_MAX) {
    return { kind: 'names', charactersMax: NAME_CHARACTERS_MAX };
  }
  return escapes > ESCAPES_MAX ? { kind: 'escapes', escapesMax: ESCAPES_MAX } : null;
}
