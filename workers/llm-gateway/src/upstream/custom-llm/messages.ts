import type {
  LanguageModelV4Message,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';
import { parseExactJson } from '@gateway/worker-utils/exact-json';
import { z } from 'zod';
import { isRecord } from '../../request/chat-request.ts';
import { cacheOptions, isMarked } from './provider-options.ts';
import { reasoningPartsOf } from './reasoning-parts.ts';
import { fileOf, MediaPart, TextPart, UserPart } from './user-content.ts';

// One schema for each role: from a chat's message to the SDK's, or an issue that names the place.

type Message<Role extends LanguageModelV4Message['role']> = Extract<
  LanguageModelV4Message,
  { role: Role }
>;

const cache_control = z.unknown().optional();
type MarkedText = { readonly text: string; readonly cache_control?: unknown };

/** Texts without a separator, but apart where one ends with a cache breakpoint: it must stay where it is. */
function joined(parts: readonly MarkedText[]): readonly MarkedText[] {
  const texts: MarkedText[] = [];
  for (const part of parts) {
    const last = texts.at(-1);
    if (last === undefined || isMarked(last)) texts.push(part);
    else texts.splice(-1, 1, { ...part, text: last.text + part.text });
  }
  return texts.filter(({ text }) => text !== '');
}

const Texts = z
  .union([z.string().transform((text) => [{ text }]), z.array(TextPart)])
  .nullish()
  .transform((parts): readonly MarkedText[] => joined(parts ?? []));

export const SystemMessage = z
  .object({ role: z.enum(['system', 'developer']), content: Texts, cache_control })
  .transform(({ content, ...rest }): Message<'system'>[] =>
    content.map(({ text, ...part }, index) => ({
      role: 'system',
      content: text,
      ...(cacheOptions(part) ?? (index === content.length - 1 ? cacheOptions(rest) : null)),
    })),
  );

export const UserMessage = z
  .object({
    role: z.literal('user'),
    content: z.union([
      z.string().transform((text) => [{ type: 'text' as const, text }]),
      z.array(UserPart),
    ]),
    cache_control,
  })
  .transform(({ role, content, ...rest }): Message<'user'> => ({
    role,
    content,
    ...cacheOptions(rest),
  }));

/** Under this name a model reads what it wrote as the arguments of a call, where that is no JSON object. */
const UNREADABLE_ARGUMENTS = 'unreadable_arguments';

/**
 * The arguments of a call in the history. None at all, an empty text and `null` are what models send where there are none. A
 * call that was cut off has half a text; both protocols want an object, and a refusal would block its conversation for ever.
 */
function argumentsOf(told: unknown): unknown {
  if (told === undefined || told === null) return {};
  if (typeof told !== 'string') return isRecord(told) ? told : { [UNREADABLE_ARGUMENTS]: told };
  if (told.trim() === '') return {};
  const parsed = parseExactJson(told);
  if (parsed.ok && (parsed.value === null || isRecord(parsed.value))) return parsed.value ?? {};
  return { [UNREADABLE_ARGUMENTS]: told };
}

const ToolCall = z
  .object({
    id: z.string(),
    function: z.object({
      name: z.string(),
      arguments: z.unknown().optional().transform(argumentsOf),
    }),
  })
  .transform(({ id, function: { name, arguments: input } }): LanguageModelV4ToolCallPart => ({
    type: 'tool-call',
    toolCallId: id,
    toolName: name,
    input,
  }));

/** That a model has refused is what it said. */
const RefusalPart = z
  .object({ type: z.literal('refusal'), refusal: z.string(), cache_control })
  .transform(({ refusal, ...rest }) => ({ text: refusal, ...rest }));

const SpokenTexts = z
  .union([
    z.string().transform((text) => [{ text }]),
    z.array(z.discriminatedUnion('type', [TextPart, RefusalPart])),
  ])
  .nullish()
  .transform((parts): readonly MarkedText[] => parts ?? []);

export const AssistantMessage = z
  .object({
    role: z.literal('assistant'),
    content: SpokenTexts,
    refusal: z.string().nullish(),
    reasoning: z.unknown().optional(),
    reasoning_details: z.unknown().optional(),
    tool_calls: z
      .array(ToolCall)
      .nullish()
      .transform((calls) => calls ?? []),
    cache_control,
  })
  .transform(
    ({
      role,
      content,
      refusal,
      reasoning,
      reasoning_details,
      tool_calls,
      ...rest
    }): Message<'assistant'> => ({
      role,
      content: [
        ...reasoningPartsOf(reasoning_details, reasoning),
        ...joined([...content, { text: refusal ?? '' }]).map(({ text, ...part }) => ({
          type: 'text' as const,
          text,
          ...cacheOptions(part),
        })),
        ...tool_calls,
      ],
      ...cacheOptions(rest),
    }),
  );

type OutputPart = Extract<LanguageModelV4ToolResultOutput, { type: 'content' }>['value'][number];

/** A tool may answer with a URL that only looks like a file: then it is text, as good as any. */
const OutputPart = z
  .discriminatedUnion('type', [TextPart, MediaPart])
  .transform((part): OutputPart => {
    const cache = cacheOptions(part);
    if (part.type === 'text') return { type: 'text', text: part.text, ...cache };
    const file = fileOf(part);
    if (file?.data.type === 'data') {
      return { type: 'file', data: file.data, mediaType: file.mediaType, ...cache };
    }
    return { type: 'text', text: namedIn(part), ...cache };
  });

function namedIn(part: MediaPart): string {
  switch (part.type) {
    case 'image_url':
      return part.image_url.url;
    case 'file':
      return part.file.file_data;
    case 'input_audio':
      return part.input_audio.data;
  }
}

export const ToolMessage = z
  .object({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: z.union([
      z
        .string()
        .nullish()
        .transform((text) => ({ type: 'text' as const, value: text ?? '' })),
      z.array(OutputPart).transform((value) => ({ type: 'content' as const, value })),
    ]),
    cache_control,
  })
  .transform(({ role, tool_call_id, content, ...rest }): Message<'tool'> => ({
    role,
    content: [{ type: 'tool-result', toolCallId: tool_call_id, toolName: '', output: content }],
    ...cacheOptions(rest),
  }));
