import { limitHitBy, type NextTurn } from '@gateway/worker-utils/body-limits';
import { isExactNumber, parseExactJson } from '@gateway/worker-utils/exact-json';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Refusal } from '../exchange/refusal.ts';

const utf8 = new TextEncoder();

/**
 * What a client has sent: an object or a list, and not more of either than an isolate can hold. Numbers that JavaScript would
 * write otherwise are `ExactNumber`s, so that whatever no rule changes is sent on as it came.
 */
export async function bodyJsonOf(
  text: string,
  nextTurn: NextTurn,
): Promise<Result<object, Refusal>> {
  const limit = await limitHitBy(text, nextTurn);
  if (limit) return err({ kind: 'body-too-large', limit });
  await nextTurn();
  const json = parseExactJson(text);
  await nextTurn();
  if (json.ok && isObject(json.value)) return ok(json.value);
  const body = utf8.encode(text);
  return err({ kind: 'body-unreadable', body, position: json.ok ? 0 : json.error.position });
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !isExactNumber(value);
