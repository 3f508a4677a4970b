import type { LanguageModelV4CallOptions, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { z } from 'zod';
import { type ChatRequest, isRecord } from '../../request/chat-request.ts';
import type { CustomLlm } from '../../exchange/custom-llm.ts';
import type { Protocol } from './endpoint.ts';
import type { Prompt } from './prompt.ts';
import type { RequestedOutput } from './requested-output.ts';

/** A million tokens of context, where the model has them. Other endpoints ignore it. */
const HEADERS = { 'anthropic-beta': 'context-1m-2025-08-07' } as const;

type Facts = {
  readonly llm: CustomLlm;
  readonly protocol: Protocol;
  readonly prompt: Prompt;
  readonly requested: RequestedOutput;
  /** With the pseudonyms in it. */
  readonly chat: ChatRequest;
  /** An extension that can't take several tool calls in one turn. */
  readonly isLegacy: boolean;
};

/** What the SDK is asked. Sampling parameters but `temperature` have no place in both protocols, and are left out. */
export function callOptionsOf(facts: Facts): LanguageModelV4CallOptions {
  const { llm, protocol, chat, prompt, requested } = facts;
  const asked = tokensIn(chat['max_completion_tokens']) ?? tokensIn(chat['max_tokens']);
  // Anthropic's protocol needs a number, and the SDK knows none for a model of this name.
  const maxOutputTokens = asked ?? (protocol === 'anthropic' ? llm.outputTokensMax : undefined);
  const temperature = z.number().safeParse(chat['temperature']).data;
  return {
    prompt: [...prompt],
    headers: HEADERS,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...requested.options,
    providerOptions: protocol === 'anthropic' ? anthropicOptions(facts) : openaiOptions(facts),
    // OpenAI's phases are only there.
    includeRawChunks: protocol === 'openai',
  };
}

const tokensIn = (value: unknown): number | undefined => z.int().positive().safeParse(value).data;

const Verbosity = z.enum(['low', 'medium', 'high', 'max']);
const Effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);

/** What the SDK takes for the request as a whole, so that Anthropic marks its last block itself. */
const CacheControl = z.object({
  type: z.literal('ephemeral'),
  ttl: z.enum(['5m', '1h']).optional(),
});

const verbosityOf = ({ chat, llm }: Facts) =>
  Verbosity.safeParse(chat['verbosity'] ?? llm.verbosity).data;

function effortOf({ chat, llm }: Facts) {
  const { reasoning } = chat;
  const asked = isRecord(reasoning) ? reasoning['effort'] : undefined;
  return Effort.safeParse(asked ?? chat['reasoning_effort'] ?? llm.reasoningEffort).data;
}

function anthropicOptions(facts: Facts): SharedV4ProviderOptions {
  const effort = verbosityOf(facts);
  const { chat, isLegacy } = facts;
  const cacheControl = CacheControl.safeParse(chat['cache_control']).data;
  return {
    anthropic: {
      ...(cacheControl && { cacheControl }),
      thinking: { type: 'adaptive' },
      ...(effort && { effort }),
      // A tool that is forced, the SDK's other way to a schema, excludes thinking.
      structuredOutputMode: 'outputFormat',
      disableParallelToolUse: isLegacy || chat['parallel_tool_calls'] === false,
    },
  };
}

function openaiOptions(facts: Facts): SharedV4ProviderOptions {
  const { chat, llm, isLegacy, requested } = facts;
  const { topLogprobs, isSchemaStrict } = requested;
  const verbosity = verbosityOf(facts);
  const effort = effortOf(facts);
  return {
    openai: {
      ...(llm.isReasoning && effort !== 'none' && { forceReasoning: true }),
      reasoningSummary: 'auto',
      ...(verbosity && { textVerbosity: verbosity === 'max' ? 'high' : verbosity }),
      ...(effort && { reasoningEffort: effort }),
      // Nothing of a conversation is kept there: it is told again each time, and with it what was thought.
      store: false,
      strictJsonSchema: isSchemaStrict,
      ...(topLogprobs !== null && { logprobs: Math.max(1, topLogprobs) }),
      include: ['reasoning.encrypted_content'],
      parallelToolCalls: !isLegacy && chat['parallel_tool_calls'] !== false,
      ...textOption('promptCacheKey', chat['prompt_cache_key']),
      ...textOption('safetyIdentifier', chat['safety_identifier']),
      ...textOption('user', chat['user']),
    },
  };
}

const textOption = (name: string, value: unknown) =>
  typeof value === 'string' ? { [name]: value } : {};
