import { err, ok, type Result } from './result.ts';

/** The only place that calls JSON.parse: never throws, never hands out `any`. */
export function parseJson(text: string): Result<unknown, 'not-json'> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    return err('not-json');
  }
}
