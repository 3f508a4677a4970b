import { endOfString } from './body-limits.ts';
import { type JsonFault, parseJson, type Reviver } from './json.ts';
import type { Result } from './result.ts';

/**
 * A number as it was written, because a JavaScript number would be written otherwise: `12345678901234567890`, `1e400`, `1.0`.
 * `JSON.stringify` writes it as it is. A copy of its fields is an ordinary object.
 */
export type ExactNumber = { readonly rawJSON: string };

declare global {
  // Not known to TypeScript yet, as in json.ts.
  // oxlint-disable-next-line typescript/consistent-type-definitions -- Only an interface is merged with the one of TypeScript.
  interface JSON {
    rawJSON: (text: string) => ExactNumber;
    isRawJSON: (value: unknown) => value is ExactNumber;
  }
}

export const isExactNumber = (value: unknown): value is ExactNumber => JSON.isRawJSON(value);

/** The JavaScript number that comes closest, also an infinite one. Any other value is returned as it is. */
export const plainNumber = (value: unknown): unknown =>
  isExactNumber(value) ? Number(value.rawJSON) : value;

/**
 * `parseJson`, but with an `ExactNumber` for each number that JavaScript would write otherwise. Most texts have none, and cost
 * one look beside the parse.
 */
export function parseExactJson(text: string): Result<unknown, JsonFault> {
  return hasInexactNumber(text) ? parseJson(text, exactly()) : parseJson(text);
}

/** Equal numbers are one object: a list of 250,000 times `1.0` would fill an isolate otherwise. */
function exactly(): Reviver {
  const numbers = new Map<string, ExactNumber>();
  return (_name, value, { source }) => {
    if (typeof value !== 'number' || source === undefined || source === String(value)) return value;
    const number = numbers.get(source) ?? JSON.rawJSON(source);
    numbers.set(source, number);
    return number;
  };
}

const [QUOTE, MINUS, ZERO, NINE] = [0x22, 0x2d, 0x30, 0x39];
const NUMBER = /-?\d[\d.eE+-]*/y;
/** All integers of up to 15 digits are written as they were. */
const SAFE_INTEGER = /^[1-9]\d{0,14}$/;

function hasInexactNumber(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = at;
      if (!NUMBER.test(text)) return false;
      const written = text.slice(at, NUMBER.lastIndex);
      if (!SAFE_INTEGER.test(written) && String(Number(written)) !== written) return true;
      at = NUMBER.lastIndex - 1;
    }
  }
  return false;
}
