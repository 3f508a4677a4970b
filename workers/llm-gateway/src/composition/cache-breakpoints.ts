import { type ChatRequest, isRecord, type Message } from '../request/chat-request.ts';
import { isFrom, listIn, withMessageList } from './messages.ts';

/**
 * Tells Anthropic what to keep: up to the system message, which all turns share, and up to the newest message. A request
 * without a system message is no conversation, and one with a breakpoint there comes from a client that sets its own.
 */
export const withCacheBreakpoints = (chat: ChatRequest): ChatRequest =>
  withMessageList(chat, (messages) => {
    const system = messages.findIndex((message) => isFrom(message, 'system'));
    if (system === -1 || isCached(messages[system])) return messages;
    const newest = messages.findLastIndex((message) => isFrom(message, 'user', 'tool'));
    return messages.map((message, index) =>
      isRecord(message) && (index === system || index === newest) ? cached(message) : message,
    );
  });

const hasCacheControl = (value: unknown): boolean => isRecord(value) && 'cache_control' in value;

const isCached = (message: unknown): boolean =>
  hasCacheControl(message) ||
  (isRecord(message) && (listIn(message['content']) ?? []).some(hasCacheControl));

const cache_control = { type: 'ephemeral' } as const;

/** An empty text is left alone: Anthropic refuses to cache one. */
function cached(message: Message): Message {
  const { content } = message;
  if (typeof content === 'string' && content !== '') {
    return { ...message, content: [{ type: 'text', text: content, cache_control }] };
  }
  const parts = listIn(content) ?? [];
  const last = parts.at(-1);
  if (!isRecord(last) || last['text'] === '') return message;
  return { ...message, content: [...parts.slice(0, -1), { ...last, cache_control }] };
}
