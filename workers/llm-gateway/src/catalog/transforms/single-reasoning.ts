import type { ModelId } from '@gateway/worker-utils/ids';
import { type ChatRequest, isRecord } from '../../request/chat-request.ts';
import { listIn, withMessages } from './messages.ts';

/** What the client that repeats its reasoning calls itself. */
export const repeatsReasoning = (userAgent: string | null): boolean =>
  userAgent?.startsWith('opencode-kilo-provider') === true;

/** Each piece of reasoning once a message. Anthropic refuses the copy that has lost its signature. */
export function withSingleReasoning(chat: ChatRequest, model: ModelId): ChatRequest {
  const needsSignature = model.startsWith('anthropic/');
  return withMessages(chat, (message) => {
    const details = listIn(message['reasoning_details']);
    if (!details) return message;
    const seen = new Set<string>();
    const kept = details.filter((entry) => {
      if (!isRecord(entry)) return true;
      const { type, text, data, signature } = entry;
      const isText = type === 'reasoning.text' && typeof text === 'string' && text !== '';
      if (isText && needsSignature && !signature) return false;
      if (!isText && type !== 'reasoning.encrypted') return true;
      const key = JSON.stringify([type, isText ? text : data]);
      const isFirst = !seen.has(key);
      seen.add(key);
      return isFirst;
    });
    return { ...message, reasoning_details: kept };
  });
}
