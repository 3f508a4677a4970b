import { hexOf } from '@gateway/worker-utils/hex';
import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../../request/chat-request.ts';

/** What may be told of a text that must not be: enough to know it again, and what kind of error it speaks of. */
export type ErrorShape = {
  readonly characters: number;
  readonly hash: string;
  readonly code: string | number | null;
  readonly type: string | null;
};

const HASH_DIGITS = 16;

/** Providers quote prompts, and sometimes keys, in what they say of an error: its words go nowhere. */
export async function errorShapeOf(text: string): Promise<ErrorShape> {
  const json = parseJson(text);
  const error = json.ok && isRecord(json.value) ? json.value['error'] : null;
  const { code, type } = isRecord(error) ? error : {};
  return {
    characters: text.length,
    hash: await shortHash(new TextEncoder().encode(text)),
    code: Number.isSafeInteger(code) && typeof code === 'number' ? code : nameIn(code),
    type: nameIn(type),
  };
}

export async function shortHash(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return hexOf(new Uint8Array(digest)).slice(0, HASH_DIGITS);
}

/** A name such as `rate_limit_exceeded`. Without a digit: nothing that could be a key or an id. */
const nameIn = (value: unknown): string | null =>
  typeof value === 'string' && /^[a-z][a-z_]{1,63}$/.test(value) ? value : null;
