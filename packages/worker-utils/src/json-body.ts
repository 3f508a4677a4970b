import { type BodyLimit, limitHitBy } from './body-limits.ts';
import { parseJson } from './json.ts';
import { readTextWithin } from './read-within.ts';
import { err, type Result } from './result.ts';

export type BodyFlaw =
  | { readonly kind: 'too-large'; readonly limit: BodyLimit }
  | { readonly kind: 'not-json' }
  /** The client has gone, or its upload broke off: nobody is there to be answered, and nothing is wrong here. */
  | { readonly kind: 'broken-off' };

/** What a client has sent, within what an isolate can hold together with all that is read out of it. */
export async function jsonBody(
  request: Request,
  bytesMax: number,
): Promise<Result<unknown, BodyFlaw>> {
  const body = await readTextWithin(request, bytesMax).catch(() => 'broken-off' as const);
  if (body === 'broken-off') return err({ kind: 'broken-off' });
  if (!body) return tooLarge({ kind: 'bytes', bytesMax });
  const limit = limitHitBy(body.text);
  if (limit) return tooLarge(limit);
  const json = parseJson(body.text);
  return json.ok ? json : err({ kind: 'not-json' });
}

const tooLarge = (limit: BodyLimit) => err({ kind: 'too-large', limit } as const);
