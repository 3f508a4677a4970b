import { type ChatRequest, isRecord, numberIn } from '../../request/chat-request.ts';
import { isFrom, listIn, withMessageList } from './messages.ts';

/** The request for the rest of an answer: its messages end with the delivered text. Null: none was delivered. */
export function withPrefill(chat: ChatRequest, prefix: string | null): ChatRequest {
  if (prefix === null) return chat;
  // Some upstreams refuse trailing white space.
  const content = prefix.trimEnd();
  return withMessageList(chat, (messages) => {
    const last = messages.at(-1);
    // The client may have sent a prefix itself: two assistant messages in a row would be two turns.
    if (!isFrom(last, 'assistant')) return [...messages, { role: 'assistant', content }];
    return [...messages.slice(0, -1), { ...last, content: `${String(last['content'])}${content}` }];
  });
}

/** Whether a prefix can resume this request's answer. */
export function canPrefill(chat: ChatRequest): boolean {
  const { n, response_format: format } = chat;
  const messages = listIn(chat['messages']);
  if (!messages || numberIn(n ?? 1) !== 1) return false;
  // With a JSON schema, models restart the document instead of continuing it.
  if (isRecord(format) && format['type'] !== 'text') return false;
  const last = messages.at(-1);
  return !isFrom(last, 'assistant') || (typeof last['content'] === 'string' && !last['tool_calls']);
}
