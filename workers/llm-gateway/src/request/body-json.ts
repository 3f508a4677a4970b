import { limitHitBy } from '@gateway/worker-utils/body-limits';
import { parseJson } from '@gateway/worker-utils/json';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Refusal } from '../refusal.ts';

const utf8 = new TextEncoder();

/** What a client has sent: an object or a list, and not more of either than an isolate can hold. */
export function bodyJsonOf(text: string): Result<object, Refusal> {
  const limit = limitHitBy(text);
  if (limit) return err({ kind: 'body-too-large', limit });
  const json = parseJson(text);
  if (json.ok && typeof json.value === 'object' && json.value !== null) return ok(json.value);
  const body = utf8.encode(text);
  return err({ kind: 'body-unreadable', body, position: json.ok ? 0 : json.error.position });
}
