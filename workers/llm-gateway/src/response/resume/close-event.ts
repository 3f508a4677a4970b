import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../../request/chat-request.ts';
import type { ErrorChunk } from './error-chunk.ts';

type Fields = Readonly<Record<string, unknown>>;

const END_OF_STREAM = '[DONE]';
const END_EVENT = `data: ${END_OF_STREAM}\n\n`;

/**
 * The text that ends a stream that was cut anywhere, so that whoever parses every event is told of the error: `tail` is what
 * came after the last blank line. A half event becomes the error itself. Closed in any other way, it would be one that nobody
 * has sent, and clients that check types would break off at it. Null where no text can help, because what came is not the
 * beginning of any JSON.
 */
export function closeEvent(tail: Uint8Array, error: ErrorChunk): string | null {
  const closed = closedAs(tail, error);
  if (!closed) return null;
  // Nothing follows the end, not even an error.
  if (closed.as === 'end') return closed.text;
  const errorEvent = closed.as === 'chunk' ? '' : `data: ${JSON.stringify(error)}\n\n`;
  return `${closed.text}${errorEvent}${END_EVENT}`;
}

/** `chunk`: the half event has become that. `end`: the stream had said that it is over. `itself`: it was whole, or none. */
type Closed = { readonly text: string; readonly as: 'chunk' | 'end' | 'itself' };

/** Ends a half event, so that the next one can follow: as this chunk, where it is not known yet what it is. */
export function closedAs(tail: Uint8Array, chunk: Fields): Closed | null {
  // Half a character needs no care: the next byte that is sent turns it into a replacement character.
  const lines = new TextDecoder().decode(tail).split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? '';
  const data = lines.flatMap((line) => valueOf(line, 'data') ?? []);
  // `openai` parses the data of every event that has a name, also when it has no data.
  const isNamed = lines.some((line) => (valueOf(line, 'event') ?? '') !== '');
  if (data.length === 0 && !isNamed) {
    return { text: tail.byteLength === 0 ? '' : '\n\n', as: 'itself' };
  }
  const completed = completionOf(data.join('\n'), chunk);
  if (completed === null) return null;
  const { missing, as } = completed;
  return { text: `${missing === '' ? '' : openingFor(last)}${missing}\n\n`, as };
}

/** What has to stand between the last line and more data. */
function openingFor(last: string): string {
  if (last === '') return 'data:';
  if (last === 'data') return ':';
  return last.startsWith('data:') ? '' : '\ndata:';
}

/** A field without a colon is a field with an empty value. */
function valueOf(line: string, name: string): string | null {
  if (line === name) return '';
  if (!line.startsWith(`${name}:`)) return null;
  return line.slice(name.length + 1).replace(/^ /, '');
}

// Null and not the shorter 0: clients that check types take a null for most fields, and a number for few.
const AFTER_VALUE = ['', 'null', ':null', '"":null', '0'] as const;
const AFTER_LITERAL = ['rue', 'ue', 'e', 'alse', 'lse', 'se', 'ull', 'll', 'l'] as const;

type Completion = { readonly missing: string; readonly as: Closed['as'] };

function completionOf(data: string, chunk: Fields): Completion | null {
  if (data.trim() === '') return { missing: JSON.stringify(chunk), as: 'chunk' };
  // No event is a list: a bracket is the beginning of the end.
  if (END_OF_STREAM.startsWith(data)) {
    return { missing: END_OF_STREAM.slice(data.length), as: 'end' };
  }
  const { string, closers } = openIn(data);
  const candidates =
    string === null ? [...AFTER_VALUE, ...AFTER_LITERAL] : [string, `${string}:null`];
  for (const candidate of candidates) {
    const json = parseJson(`${data}${candidate}${closers}`);
    if (!json.ok) continue;
    if (!isRecord(json.value) || closers === '') {
      return { missing: `${candidate}${closers}`, as: 'itself' };
    }
    // Of two fields with one name, the last one counts.
    const comma = Object.keys(json.value).length === 0 ? '' : ',';
    const fields = JSON.stringify({ ...withdrawn(json.value, chunk), ...chunk }).slice(1);
    return { missing: `${candidate}${closers.slice(0, -1)}${comma}${fields}`, as: 'chunk' };
  }
  return null;
}

/** Half an error, or half a bill, is neither. Clients want a name for a provider, even an empty one. */
const withdrawn = (half: Fields, chunk: Fields): Fields => ({
  ...('error' in half && !('error' in chunk) && { error: null }),
  ...('usage' in half && { usage: null }),
  ...(half['provider'] === null && { provider: '' }),
});

type Open = {
  /** What ends the string that is open. */
  readonly string: string | null;
  /** What ends the objects and arrays that are open. */
  readonly closers: string;
};

function openIn(data: string): Open {
  const closers: string[] = [];
  let isString = false;
  let at = 0;
  while (at < data.length) {
    const sign = data[at];
    if (isString && sign === '\\') {
      const escape = data[at + 1] === 'u' ? 6 : 2;
      if (at + escape > data.length)
        return { string: escaped(data.slice(at)), closers: ends(closers) };
      at += escape;
      continue;
    }
    if (sign === '"') isString = !isString;
    else if (!isString && sign === '{') closers.push('}');
    else if (!isString && sign === '[') closers.push(']');
    else if (!isString && (sign === '}' || sign === ']')) closers.pop();
    at += 1;
  }
  return { string: isString ? '"' : null, closers: ends(closers) };
}

const ends = (closers: readonly string[]): string => closers.toReversed().join('');

const escaped = (begun: string): string =>
  begun === '\\' ? '\\"' : `${'0'.repeat('\\u0000'.length - begun.length)}"`;
