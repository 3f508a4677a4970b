import { type ChatRequest, isRecord, type Message } from '../../request/chat-request.ts';
import { isFrom, listIn, withMessageList } from './messages.ts';
import { setsBreakpoints } from './client-breakpoints.ts';

/**
 * Tells Anthropic what to keep: up to the system message, which all turns share, and up to the newest message. A request
 * without a system message is no conversation. A client that sets breakpoints of its own is left to them.
 */
export const withCacheBreakpoints = (chat: ChatRequest): ChatRequest =>
  setsBreakpoints(chat) ? chat : withMessageList(chat, withBreakpoints);

function withBreakpoints(messages: readonly unknown[]): readonly unknown[] {
  const system = messages.findIndex((message) => isFrom(message, 'system'));
  if (system === -1) return messages;
  const newest = messages.findLastIndex((message) => isFrom(message, 'user', 'tool'));
  return messages.map((message, index) =>
    isRecord(message) && (index === system || index === newest) ? cached(message) : message,
  );
}

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
