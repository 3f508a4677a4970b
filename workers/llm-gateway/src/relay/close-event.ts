import { parseJson } from '@gateway/worker-utils/json';

/** A chunk that tells a client nothing. */
const EMPTY_CHUNK = '{"choices":[]}';
const END_OF_STREAM = '[DONE]';

/**
 * The text that ends an event which was cut off anywhere, so that whoever parses every event can read on: `tail` is what
 * came after the last blank line. Null where no text can help, because what came is not the beginning of any JSON.
 */
export function closeEvent(tail: Uint8Array): string | null {
  // Half a character needs no care: the next byte that is sent turns it into a replacement character.
  const lines = new TextDecoder().decode(tail).split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? '';
  const data = lines.flatMap((line) => valueOf(line, 'data') ?? []);
  // `openai` parses the data of every event that has a name, also when it has no data.
  const isNamed = lines.some((line) => (valueOf(line, 'event') ?? '') !== '');
  if (data.length === 0 && !isNamed) return tail.byteLength === 0 ? '' : '\n\n';
  const missing = completionOf(data.join('\n'));
  if (missing === null) return null;
  return `${missing === '' ? '' : openingFor(last)}${missing}\n\n`;
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

function completionOf(data: string): string | null {
  if (data.trim() === '') return EMPTY_CHUNK;
  if (data.length > 1 && END_OF_STREAM.startsWith(data)) return END_OF_STREAM.slice(data.length);
  const { string, closers } = openIn(data);
  const candidates =
    string === null ? [...AFTER_VALUE, ...AFTER_LITERAL] : [string, `${string}:null`];
  const parses = (candidate: string) => parseJson(`${data}${candidate}${closers}`).ok;
  const found = candidates.find(parses);
  return found === undefined ? null : `${found}${closers}`;
}

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
