import { type ChatRequest, isRecord, type Message } from '../../request/chat-request.ts';

/** Changes each message. What is no message is for the upstream to judge, as is a `messages` that is no list. */
export const withMessages = (
  chat: ChatRequest,
  change: (message: Message) => Message,
): ChatRequest =>
  withMessageList(chat, (messages) =>
    messages.map((message) => (isRecord(message) ? change(message) : message)),
  );

export function withMessageList(
  chat: ChatRequest,
  change: (messages: readonly unknown[]) => readonly unknown[],
): ChatRequest {
  const messages = listIn(chat['messages']);
  return messages ? { ...chat, messages: change(messages) } : chat;
}

export const listIn = (value: unknown): readonly unknown[] | null =>
  Array.isArray(value) ? value : null;

export const isFrom = (message: unknown, ...roles: readonly string[]): message is Message =>
  isRecord(message) && typeof message['role'] === 'string' && roles.includes(message['role']);
