import { isExactNumber, plainNumber } from '@gateway/worker-utils/exact-json';
import { z } from 'zod';

/**
 * A chat completion request, of which only `model` is known to be well formed. Clients send fields that we have never
 * heard of, and fields of the wrong type that only the upstream may judge: everything passes through untouched.
 */
export const ChatRequest = z.looseObject({
  model: z.string().trim().min(1),
});
export type ChatRequest = Readonly<z.infer<typeof ChatRequest>>;

export const isStreamed = (chat: ChatRequest): boolean => chat['stream'] === true;

/** Empty when the client sent something else than a list. */
export const messagesOf = (chat: ChatRequest): readonly Message[] => listOf(chat['messages']);
export const toolsOf = (chat: ChatRequest): readonly Message[] => listOf(chat['tools']);

export type Message = Readonly<Record<string, unknown>>;

/** The objects of a list. Empty for anything else. */
export const listOf = (value: unknown): readonly Message[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);

/**
 * A number, exact or not, or text that writes one; NaN for anything else. `Number` itself would ask an object how it wants to
 * be read, and a client can send one that throws. It also reads an empty text as 0.
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
