import { isRecord } from '../request/chat-request.ts';
import type { Fields } from './rewrite/public-view.ts';

/** Pieces of these make one text; of any other field, the last value counts. */
const TEXTS: ReadonlySet<string> = new Set([
  'content',
  'reasoning',
  'reasoning_content',
  'refusal',
  'arguments',
  'text',
  'summary',
  'data',
  'transcript',
]);
/** Their entries come in pieces that name the same index. */
const IN_PIECES: ReadonlySet<string> = new Set(['tool_calls', 'reasoning_details']);

/** A message and what a delta adds to it: texts grow, lists get longer, and a piece of a call joins its call. */
export function mergedMessage(message: Fields, delta: Fields): Fields {
  const merged: Record<string, unknown> = { ...message };
  for (const [name, value] of Object.entries(withoutNulls(delta))) {
    merged[name] = mergedValue(name, merged[name], value);
  }
  return merged;
}

function mergedValue(name: string, known: unknown, value: unknown): unknown {
  if (known === null || known === undefined) {
    return isList(value) && IN_PIECES.has(name) ? value.reduce(withPiece, []) : value;
  }
  if (TEXTS.has(name) && typeof known === 'string' && typeof value === 'string')
    return known + value;
  if (isList(known) && isList(value)) {
    return IN_PIECES.has(name) ? value.reduce(withPiece, known) : [...known, ...value];
  }
  return isRecord(known) && isRecord(value) ? mergedMessage(known, value) : value;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Another piece of the entry with its index and its type; a call that begins has an id of its own. */
function withPiece(entries: readonly unknown[], piece: unknown): readonly unknown[] {
  if (!isRecord(piece)) return entries;
  const at = entries.findLastIndex((entry) => isRecord(entry) && isSameEntry(entry, piece));
  const entry = entries[at];
  if (!isRecord(entry)) return [...entries, piece];
  return entries.with(at, mergedMessage(entry, piece));
}

function isSameEntry(entry: Fields, piece: Fields): boolean {
  const hasOtherId = Boolean(piece['id']) && Boolean(entry['id']) && piece['id'] !== entry['id'];
  const hasOtherType =
    piece['type'] !== undefined && entry['type'] !== undefined && piece['type'] !== entry['type'];
  return (entry['index'] ?? 0) === (piece['index'] ?? 0) && !hasOtherId && !hasOtherType;
}

/** What says something: one piece may lack what another one has told. */
export const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
