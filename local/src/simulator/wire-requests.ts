import { z } from 'zod';
import { ChatRequest } from './request.ts';

/** The protocols that are spoken: OpenRouter's chat completions, Anthropic's messages, OpenAI's responses. */
export type Protocol = 'chat' | 'messages' | 'responses';
/** What is asked in them. */
export type Form = Protocol | 'fim';

const Block = z.looseObject({ type: z.string() });
const Content = z.union([z.string(), z.array(Block)]);

const isResult = (content: z.infer<typeof Content>): boolean =>
  Array.isArray(content) && content.some(({ type }) => type === 'tool_result');

/** A block that is a tool's result makes the message a tool's: whoever answers looks for that. */
const MessagesRequest = z
  .looseObject({
    model: z.string(),
    max_tokens: z.number(),
    stream: z.boolean().optional(),
    system: Content.optional(),
    messages: z.array(z.looseObject({ role: z.string(), content: Content })),
    tools: z
      .array(
        z
          .looseObject({ name: z.string(), input_schema: z.unknown().optional() })
          .transform((tool) => ({
            type: 'function',
            function: { name: tool.name, parameters: tool.input_schema },
          })),
      )
      .optional(),
  })
  .transform(({ model, max_tokens, stream, system, messages, tools }): ChatRequest => {
    return {
      model,
      max_tokens,
      stream,
      tools,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system', content: system }]),
        ...messages.map(({ role, content }) => ({
          role: isResult(content) ? 'tool' : role,
          content,
        })),
      ],
    };
  });

const Item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.unknown().optional(),
});

const ResponsesRequest = z
  .looseObject({
    model: z.string(),
    max_output_tokens: z.number().optional(),
    top_logprobs: z.int().optional(),
    stream: z.boolean().optional(),
    input: z.array(Item),
    tools: z
      .array(
        z
          .looseObject({ name: z.string(), parameters: z.unknown().optional() })
          .transform((tool) => ({
            type: 'function',
            function: { name: tool.name, parameters: tool.parameters },
          })),
      )
      .optional(),
  })
  .transform(({ model, max_output_tokens, top_logprobs, stream, input, tools }): ChatRequest => ({
    model,
    max_tokens: max_output_tokens,
    top_logprobs,
    stream,
    tools,
    messages: input.map(({ type, role, content }) => ({ role: role ?? roleOf(type), content })),
  }));

/** What a model has thought or called is its own; what a tool has answered is the tool's. */
const roleOf = (type: string | undefined): string =>
  type === 'function_call_output' ? 'tool' : 'assistant';

/** A gap in a text, in Mistral's form: answered like a chat, and always with its usage. */
const FimRequest = z
  .looseObject({
    model: z.string(),
    prompt: z.string(),
    suffix: z.string().nullish(),
    max_tokens: z.number().nullish(),
    stream: z.boolean().nullish(),
  })
  .transform(({ model, prompt, suffix, max_tokens, stream }): ChatRequest => ({
    model,
    max_tokens,
    stream,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: `${prompt}${suffix ?? ''}` }],
  }));

/** What is asked, in whichever protocol, as a chat request: what the answer is does not depend on the protocol. */
export const requestSchemas: Readonly<Record<Form, z.ZodType<ChatRequest>>> = {
  chat: ChatRequest,
  messages: MessagesRequest,
  responses: ResponsesRequest,
  fim: FimRequest,
};
