import type { LanguageModelV4Content } from '@ai-sdk/provider';
import { hexOf } from '@gateway/worker-utils/hex';
import { z } from 'zod';
import { isRecord } from '../../request/chat-request.ts';
import type { CustomLlm } from '../../exchange/custom-llm.ts';
import type { Prompt } from './prompt.ts';

// OpenAI marks each message of an answer with its phase (`commentary`, `final_answer`), and wants the mark back. Chat clients
// have no place for it, so that it is kept here, by who was told which text.

/** Identifies a conversation. */
export type Owner = { readonly user: string; readonly task: string | null };
/** A message of an answer, and its phase. */
export type PhasedMessage = { readonly texts: readonly string[]; readonly phase: string };

/** Other programs read and write the same table: never change it. */
export async function phaseKey({ user, task }: Owner, texts: readonly string[]): Promise<string> {
  const text = new TextEncoder().encode([user, task ?? '', ...texts].join('|'));
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
}

/** Only OpenAI itself supports phases. Compatible endpoints may refuse the unknown field. */
export const takesPhases = ({
  provider,
  baseUrl,
}: Pick<CustomLlm, 'provider' | 'baseUrl'>): boolean =>
  provider === 'openai' && baseUrl === 'https://api.openai.com/v1';

const MESSAGE_DONE = 'response.output_item.done';
const MessageDone = z.object({
  item: z.object({
    type: z.literal('message'),
    phase: z.string(),
    content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  }),
});

/** What an event of OpenAI's stream tells of a message that has ended; null for all others. */
export function phasedMessageIn(rawEvent: unknown): PhasedMessage | null {
  // Nearly all are deltas: a look at the type is much cheaper than a parse that fails.
  if (!isRecord(rawEvent) || rawEvent['type'] !== MESSAGE_DONE) return null;
  const { data } = MessageDone.safeParse(rawEvent);
  if (!data) return null;
  const texts = data.item.content.flatMap(({ type, text }) =>
    type === 'output_text' && text !== undefined ? [text] : [],
  );
  return texts.length > 0 ? { texts, phase: data.item.phase } : null;
}

const Mark = z.object({ openai: z.object({ itemId: z.string(), phase: z.string() }) });

/** The same of a whole answer, where the texts of one message stand in a row. */
export function phasedMessagesOf(
  content: readonly LanguageModelV4Content[],
): readonly PhasedMessage[] {
  const messages = new Map<string, { texts: readonly string[]; phase: string }>();
  for (const part of content) {
    const { data } = part.type === 'text' ? Mark.safeParse(part.providerMetadata) : {};
    if (part.type !== 'text' || !data) continue;
    const { itemId, phase } = data.openai;
    const texts = [...(messages.get(itemId)?.texts ?? []), part.text];
    messages.set(itemId, { texts, phase });
  }
  return [...messages.values()];
}

/** What the assistant has said in this conversation, a text each. */
export const assistantTextsOf = (prompt: Prompt): readonly string[] =>
  prompt.flatMap((message) =>
    message.role === 'assistant'
      ? message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      : [],
  );

/** @param phases by text. */
export function withPhases(prompt: Prompt, phases: ReadonlyMap<string, string>): Prompt {
  if (phases.size === 0) return prompt;
  return prompt.map((message) => {
    if (message.role !== 'assistant') return message;
    const content = message.content.map((part) => {
      const phase = part.type === 'text' ? phases.get(part.text) : undefined;
      return phase === undefined ? part : { ...part, providerOptions: { openai: { phase } } };
    });
    return { ...message, content };
  });
}
