import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ToolChoice,
} from '@ai-sdk/provider';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import { z } from 'zod';
import { type ChatRequest, isRecord } from '../../request/chat-request.ts';
import type { Protocol } from './endpoint.ts';
import type { Unusable } from './prompt.ts';
import { cacheOptions } from './provider-options.ts';

/** What a request demands of the form of its answer, as the SDK takes it. */
export type RequestedOutput = {
  readonly options: Pick<
    LanguageModelV4CallOptions,
    'responseFormat' | 'stopSequences' | 'tools' | 'toolChoice'
  >;
  /** Of the schema that an answer must fit. */
  readonly isSchemaStrict: boolean;
  /** How many alternatives are told beside each token. Null: no probabilities are asked for. */
  readonly topLogprobs: number | null;
};

const TOP_LOGPROBS_MAX = 20;

const Tool = z
  .object({
    type: z.literal('function', 'Only tools of the type `function` can be used with this model.'),
    function: z.object({
      name: z.string(),
      description: z.string().nullish(),
      // Also where it is malformed: the tool's name is enough to call it.
      parameters: z.record(z.string(), z.unknown()).nullish().catch(null),
      strict: z.boolean().nullish().catch(null),
      cache_control: z.unknown().optional(),
    }),
    cache_control: z.unknown().optional(),
  })
  .transform(({ function: definition, cache_control }): LanguageModelV4FunctionTool => {
    const { name, description, parameters, strict } = definition;
    return {
      type: 'function',
      name,
      // oxlint-disable-next-line typescript/no-unsafe-assignment -- The SDK's type is of a package that it does not bring.
      inputSchema: parameters ?? { type: 'object', properties: {} },
      ...(typeof description === 'string' && { description }),
      ...(typeof strict === 'boolean' && { strict }),
      ...cacheOptions({ cache_control: cache_control ?? definition.cache_control }),
    };
  });

const ToolChoice = z.union(
  [
    z.enum(['auto', 'none', 'required']).transform((type): LanguageModelV4ToolChoice => ({ type })),
    z
      .object({ type: z.literal('function').optional(), function: z.object({ name: z.string() }) })
      .transform(({ function: { name } }): LanguageModelV4ToolChoice => ({
        type: 'tool',
        toolName: name,
      })),
  ],
  'Use `auto`, `none`, `required` or the name of a function.',
);

const ResponseFormat = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({
      type: z.literal('json_schema'),
      json_schema: z.object({
        name: z.string(),
        description: z.string().nullish(),
        schema: z.record(z.string(), z.unknown()),
        strict: z.boolean().nullish(),
      }),
    }),
  ],
  'Use the type `text`, `json_object` or `json_schema`.',
);
type ResponseFormat = z.infer<typeof ResponseFormat>;

const UNSUPPORTED = 'The protocol of this model has no such parameter. Leave it out.';
/** A parameter that neither protocol has, and the values of it that ask for nothing. */
const only = (asksForNothing: (value: unknown) => boolean) =>
  z
    .unknown()
    .refine((value) => value === null || asksForNothing(value), UNSUPPORTED)
    .optional();
const isEmpty = (value: unknown): boolean =>
  (Array.isArray(value) || isRecord(value)) && Object.keys(value).length === 0;
const never = (): boolean => false;

/** OpenAI: https://platform.openai.com/docs/api-reference/responses/create has neither `stop` nor `seed` nor `n`. */
const Demands = z.object({
  response_format: ResponseFormat.nullish(),
  stop: z.union([z.string().transform((text) => [text]), z.array(z.string())]).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(TOP_LOGPROBS_MAX).nullish(),
  seed: only(never),
  n: only((value) => value === 1),
  logit_bias: only(isEmpty),
  modalities: only((value) => Array.isArray(value) && value.every((one) => one === 'text')),
  audio: only(never),
  functions: only(isEmpty),
  web_search_options: only(never),
});

/**
 * What a caller relies on is translated, or refused with the parameter's name: an answer in another form than was asked for
 * looks like a good one. What only makes an answer likelier (`top_p`, penalties) is no demand, and is not looked at here.
 */
export function requestedOutputOf(
  chat: ChatRequest,
  protocol: Protocol,
): Result<RequestedOutput, Unusable> {
  const parsed = Demands.safeParse(chat);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { response_format: format, tools, tool_choice: toolChoice, logprobs } = parsed.data;
  const stopSequences = parsed.data.stop?.filter((text) => text !== '') ?? [];
  const isProbable = logprobs === true;
  if (protocol === 'openai' && stopSequences.length > 0) return err(`stop: ${UNSUPPORTED}`);
  if (protocol === 'anthropic' && isProbable) return err(`logprobs: ${UNSUPPORTED}`);
  if (protocol === 'anthropic' && format?.type === 'json_object') {
    return err('response_format: This model writes JSON only by a schema. Use `json_schema`.');
  }
  const responseFormat = responseFormatOf(format ?? { type: 'text' });
  return ok({
    options: {
      ...(responseFormat && { responseFormat }),
      ...(stopSequences.length > 0 && { stopSequences }),
      ...(tools && tools.length > 0 && { tools, ...(toolChoice && { toolChoice }) }),
    },
    isSchemaStrict: format?.type === 'json_schema' && format.json_schema.strict === true,
    topLogprobs: isProbable ? (parsed.data.top_logprobs ?? 0) : null,
  });
}

function responseFormatOf(
  format: ResponseFormat,
): LanguageModelV4CallOptions['responseFormat'] | null {
  switch (format.type) {
    case 'text':
      return null;
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const { name, description, schema } = format.json_schema;
      return { type: 'json', name, schema, ...(description && { description }) };
    }
  }
}
