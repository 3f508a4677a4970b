import { err, ok, type Result } from './result.ts';

/** Where a text stops to be JSON; null where the engine does not say. Its words quote the text: they go nowhere. */
export type JsonFault = { readonly position: number | null };

/** The only place that calls JSON.parse: never throws, never hands out `any`. */
export function parseJson(text: string): Result<unknown, JsonFault> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
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
