import { createHash } from 'node:crypto';
import type { NextTurn } from '@gateway/worker-utils/body-limits';
import { type ChatRequest, isRecord, messagesOf } from '../../request/chat-request.ts';
import { isFrom, listIn, withMessages } from './messages.ts';

type Rule = {
  readonly isToReplace: (id: string) => boolean;
  /** Of the new id, 64 at most. */
  readonly characters: number;
};

/** What a hash costs beside its text, as so many characters of it. */
const ID_CHARACTERS = 1000;
/** A client can send thousands of ids, or one of 20 MB. */
const HASHED_IN_TURN_MAX = 500_000;

/** Replaces ids that an API does not take by their hashes. A call and its result get the same one, so they stay a pair. */
export async function withToolCallIds(
  chat: ChatRequest,
  rule: Rule,
  nextTurn: NextTurn,
): Promise<ChatRequest> {
  const ids = new Set(messagesOf(chat).flatMap(idsIn).filter(rule.isToReplace));
  if (ids.size === 0) return chat;
  const replacements = new Map<string, string>();
  let hashed = 0;
  for (const id of ids) {
    replacements.set(id, shortened(id, rule.characters));
    hashed += ID_CHARACTERS + id.length;
    if (hashed < HASHED_IN_TURN_MAX) continue;
    hashed = 0;
    await nextTurn();
  }
  const renamed = (value: unknown, name: string): unknown => {
    const id = isRecord(value) ? value[name] : undefined;
    const replacement = typeof id === 'string' ? replacements.get(id) : undefined;
    return isRecord(value) && replacement !== undefined ? { ...value, [name]: replacement } : value;
  };
  return withMessages(chat, (message) => {
    const calls = isFrom(message, 'assistant') ? listIn(message['tool_calls']) : null;
    if (calls) return { ...message, tool_calls: calls.map((call) => renamed(call, 'id')) };
    const result = isFrom(message, 'tool') ? renamed(message, 'tool_call_id') : message;
    return isRecord(result) ? result : message;
  });
}

function idsIn(message: Readonly<Record<string, unknown>>): readonly string[] {
  const calls = isFrom(message, 'assistant') ? (listIn(message['tool_calls']) ?? []) : [];
  const ids = calls.map((call) => (isRecord(call) ? call['id'] : undefined));
  const result = isFrom(message, 'tool') ? [message['tool_call_id']] : [];
  return [...ids, ...result].filter((id) => typeof id === 'string');
}

/** Lower-case hex of SHA-256, cut. */
function shortened(id: string, characters: number): string {
  return createHash('sha256').update(id).digest('hex').slice(0, characters);
}
