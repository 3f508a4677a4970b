import { type ChatRequest, isRecord, numberIn } from '../../request/chat-request.ts';
import { isFrom, listIn, withMessageList } from './messages.ts';

/** The request for the rest of an answer: its messages end with what is said already. Null: nothing is. */
export function withPrefill(chat: ChatRequest, begun: string | null): ChatRequest {
  if (begun === null) return chat;
  // White space at the end is refused by some.
  const content = begun.trimEnd();
  return withMessageList(chat, (messages) => {
    const last = messages.at(-1);
    // The client itself may have begun it. Two answers in a row would be two turns.
    if (!isFrom(last, 'assistant')) return [...messages, { role: 'assistant', content }];
    return [...messages.slice(0, -1), { ...last, content: `${String(last['content'])}${content}` }];
  });
}

/** Whether what is missing of an answer can be asked for like this. */
export function canPrefill(chat: ChatRequest): boolean {
  const { n, response_format: format } = chat;
  const messages = listIn(chat['messages']);
  if (!messages || numberIn(n ?? 1) !== 1) return false;
  // A JSON that a schema watches over is begun anew.
  if (isRecord(format) && format['type'] !== 'text') return false;
  const last = messages.at(-1);
  return !isFrom(last, 'assistant') || (typeof last['content'] === 'string' && !last['tool_calls']);
}
