import { hexOf } from '@gateway/worker-utils/hex';
import { type ChatRequest, isRecord, messagesOf } from '../request/chat-request.ts';
import { isFrom, listIn, withMessages } from './messages.ts';

type Rule = {
  readonly isToReplace: (id: string) => boolean;
  /** Of the new id, 64 at most. */
  readonly characters: number;
};

/** Replaces ids that an API does not take by their hashes. A call and its result get the same one, so they stay a pair. */
export async function withToolCallIds(chat: ChatRequest, rule: Rule): Promise<ChatRequest> {
  const ids = new Set(messagesOf(chat).flatMap(idsIn).filter(rule.isToReplace));
  if (ids.size === 0) return chat;
  const pairs = [...ids].map(async (id) => [id, await shortened(id, rule.characters)] as const);
  const replacements = new Map(await Promise.all(pairs));
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
async function shortened(id: string, characters: number): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(id));
  return hexOf(new Uint8Array(digest)).slice(0, characters);
}
