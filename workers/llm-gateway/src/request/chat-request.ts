import { isExactNumber, plainNumber } from '@gateway/worker-utils/exact-json';
import { z } from 'zod';

/**
 * A chat completion request. Only `model` is validated. Unknown fields and fields of the wrong type pass through unchanged:
 * the upstream judges them.
 */
export const ChatRequest = z.looseObject({
  model: z.string().trim().min(1),
});
export type ChatRequest = Readonly<z.infer<typeof ChatRequest>>;

export const isStreamed = (chat: ChatRequest): boolean => chat['stream'] === true;

/** Empty unless the client sent a list. */
export const messagesOf = (chat: ChatRequest): readonly Message[] => listOf(chat['messages']);
export const toolsOf = (chat: ChatRequest): readonly Message[] => listOf(chat['tools']);

export type Message = Readonly<Record<string, unknown>>;

/** The objects of a list. Empty for anything else. */
export const listOf = (value: unknown): readonly Message[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);

/**
 * Reads a number, exact or not, or a numeric string; NaN for anything else. `Number` alone would call an object's `valueOf`,
 * which a client can make throw, and would read an empty string as 0.
 */
export function numberIn(value: unknown): number {
  if (typeof value === 'string') return value.trim() === '' ? Number.NaN : Number(value);
  const number = plainNumber(value);
  return typeof number === 'number' ? number : Number.NaN;
}

/** The text of a message: its content when that is a string, or its text parts, joined by a line feed. */
export function textOf(message: Message): string {
  const content = message['content'];
  if (typeof content === 'string') return content;
  return listOf(content)
    .flatMap((part) =>
      part['type'] === 'text' && typeof part['text'] === 'string' ? [part['text']] : [],
    )
    .join('\n');
}
