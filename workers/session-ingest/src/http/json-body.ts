import { BODY_BYTES_MAX, type BodyLimit, limitHitBy } from '@gateway/worker-utils/body-limits';
import { parseJson } from '@gateway/worker-utils/json';
import { readWithin } from '@gateway/worker-utils/read-within';
import { err, type Result } from '@gateway/worker-utils/result';

export type BodyFlaw =
  | { readonly kind: 'too-large'; readonly limit: BodyLimit }
  | { readonly kind: 'not-json' };

/** What a client has sent, within what an isolate can hold together with all that is read out of it. */
export async function jsonBody(request: Request): Promise<Result<unknown, BodyFlaw>> {
  const bytes = await readWithin(request, BODY_BYTES_MAX);
  if (!bytes) return tooLarge({ kind: 'bytes', bytesMax: BODY_BYTES_MAX });
  const limit = limitHitBy(bytes);
  if (limit) return tooLarge(limit);
  const json = parseJson(new TextDecoder().decode(bytes));
  return json.ok ? json : err({ kind: 'not-json' });
}

const tooLarge = (limit: BodyLimit) => err({ kind: 'too-large', limit } as const);
