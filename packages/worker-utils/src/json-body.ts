import { type BodyLimit, limitHitBy } from './body-limits.ts';
import { parseJson } from './json.ts';
import { type BodyFault, type Intake, readTextWithin, turnsFor } from './read-within.ts';
import { err, type Result } from './result.ts';

export type BodyFlaw =
  | { readonly kind: 'too-large'; readonly limit: BodyLimit }
  | { readonly kind: 'not-json' }
  | Exclude<BodyFault, { kind: 'too-large' }>;

/** What a client has sent, within what an isolate can hold together with all that is read out of it. */
export async function jsonBody(
  request: Request,
  bytesMax: number,
  intake: Intake,
): Promise<Result<unknown, BodyFlaw>> {
  const body = await readTextWithin(request, { bytesMax }, intake);
  if (!body.ok) {
    const { error } = body;
    return error.kind === 'too-large' ? tooLarge({ kind: 'bytes', bytesMax }) : err(error);
  }
  const nextTurn = turnsFor(body.value.bodyBytes, intake);
  const limit = await limitHitBy(body.value.text, nextTurn);
  if (limit) return tooLarge(limit);
  await nextTurn();
  const json = parseJson(body.value.text);
  await nextTurn();
  return json.ok ? json : err({ kind: 'not-json' });
}

const tooLarge = (limit: BodyLimit) => err({ kind: 'too-large', limit } as const);
