import { z } from 'zod';

const Message = z.looseObject({ role: z.string(), content: z.unknown().optional() });
type Message = z.infer<typeof Message>;

const Tool = z.looseObject({
  function: z.looseObject({ name: z.string(), parameters: z.unknown().optional() }),
});
export type Tool = z.infer<typeof Tool>;

/** What the simulator reads of a chat request; everything else is kept, and stands in the log. */
export const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(Message),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  usage: z.looseObject({ include: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
  top_logprobs: z.number().nullish(),
  tools: z.array(z.unknown()).nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const CHOICES_MAX = 8;
/** Answers that are asked for by `n`. */
export function choicesOf({ n }: ChatRequest): number {
  const choices = typeof n === 'string' || typeof n === 'number' ? Math.ceil(Number(n)) : 1;
  return choices >= 1 ? Math.min(choices, CHOICES_MAX) : 1;
}

const TextPart = z.looseObject({ text: z.string() });

export function textOf({ content }: Message): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      const parsed = TextPart.safeParse(part);
      return parsed.success ? parsed.data.text : '';
    })
    .join('');
}

export const wantsUsage = (request: ChatRequest): boolean =>
  request.stream_options?.include_usage === true || request.usage?.include === true;

export const tokensMaxOf = (request: ChatRequest): number =>
  request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;

/** Hosted tools have no function; they can't be called by the answer. */
export const toolsOf = (request: ChatRequest): readonly Tool[] =>
  (request.tools ?? []).flatMap((tool) => {
    const parsed = Tool.safeParse(tool);
    return parsed.success ? [parsed.data] : [];
  });

/** What the tools that were called in this turn have answered. */
export function resultsOf(request: ChatRequest): readonly string[] {
  const lastUser = request.messages.findLastIndex(({ role }) => role === 'user');
  const since = request.messages.slice(lastUser + 1);
  return since.filter(({ role }) => role === 'tool').map(textOf);
}

/** The begun answer that the conversation ends with; null where it ends with anything else. */
export function prefillOf(request: ChatRequest): string | null {
  const last = request.messages.at(-1);
  return last?.role === 'assistant' ? textOf(last) : null;
}
