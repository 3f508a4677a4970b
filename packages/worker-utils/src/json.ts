import { err, ok, type Result } from './result.ts';

/** Where a text stops to be JSON; null where the engine does not say. Its words quote the text: they go nowhere. */
export type JsonFault = { readonly position: number | null };

/** What takes the place of a value. `source` is how a text, a number or a word was written. */
export type Reviver = (
  name: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

declare global {
  // Of "JSON.parse source text access", which workerd and Node have and TypeScript does not know yet.
  // oxlint-disable-next-line typescript/consistent-type-definitions -- Only an interface is merged with the one of TypeScript.
  interface JSON {
    parse(text: string, reviver?: Reviver): unknown;
  }
}

/** The only place that calls JSON.parse: never throws, never hands out `any`. */
export function parseJson(text: string, reviver?: Reviver): Result<unknown, JsonFault> {
  try {
    return ok(JSON.parse(text, reviver));
  } catch (cause) {
    return err({ position: positionIn(String(cause), text) });
  }
}

function positionIn(words: string, text: string): number | null {
  if (words.endsWith('Unexpected end of JSON input')) return text.length;
  const position = / in JSON at position (?<at>\d+) \(line \d+ column \d+\)$/.exec(words)?.groups?.[
    'at'
  ];
  return position === undefined ? null : Number(position);
}
