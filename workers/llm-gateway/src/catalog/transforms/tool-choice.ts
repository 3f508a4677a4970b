import { type ChatRequest, isRecord, numberIn, toolsOf } from '../../request/chat-request.ts';
import type { Transform } from './transform.ts';

/** An agent that ends its work by calling a tool must never get a turn without a call. */
export const requiringToolCall: Transform = (draft) =>
  offersAttemptCompletion(draft.chat)
    ? { ...draft, chat: { ...draft.chat, tool_choice: 'required' } }
    : draft;

const offersAttemptCompletion = (chat: ChatRequest): boolean =>
  toolsOf(chat).some(
    ({ type, function: definition }) =>
      type === 'function' && isRecord(definition) && definition['name'] === 'attempt_completion',
  );

export function isReasoning(chat: ChatRequest): boolean {
  const reasoning = chat['reasoning'];
  if (!isRecord(reasoning)) return false;
  const { enabled, effort, max_tokens: tokens } = reasoning;
  return enabled === true || (Boolean(effort) && effort !== 'none') || numberIn(tokens) > 0;
}
