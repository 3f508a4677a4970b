import type { BodyLimit } from '@gateway/worker-utils/body-limits';
import { type ChatRequest, messagesOf } from './chat-request.ts';

/** Entries that the gateway and SDKs process one by one. Coding agents send a tenth of each limit. */
const ENTRIES_MAX = {
  messages: 10_000,
  tools: 2_000,
  'tool calls': 5_000,
  parts: 20_000,
} as const;

/** The first limit that a chat exceeds, counted over all messages. Null: none. */
export function chatLimitHitBy(chat: ChatRequest): BodyLimit | null {
  const messages = messagesOf(chat);
  const counts = {
    messages: lengthOf(chat['messages']),
    tools: lengthOf(chat['tools']),
    'tool calls': 0,
    parts: 0,
  };
  for (const message of messages) {
    counts['tool calls'] += lengthOf(message['tool_calls']);
    counts.parts += lengthOf(message['content']) + lengthOf(message['reasoning_details']);
  }
  for (const what of ['messages', 'tools', 'tool calls', 'parts'] as const) {
    const entriesMax = ENTRIES_MAX[what];
    if (counts[what] > entriesMax) return { kind: 'entries', what, entriesMax };
  }
  return null;
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
