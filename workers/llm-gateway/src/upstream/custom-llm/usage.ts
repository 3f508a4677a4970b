import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider';

/** As OpenRouter words it, but for the cost: that is between the organisation and its endpoint. */
export function usageOf({ inputTokens, outputTokens }: LanguageModelV4Usage): object {
  const prompt = inputTokens.total ?? 0;
  const completion = outputTokens.total ?? 0;
  const { cacheRead, cacheWrite } = inputTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...((cacheRead !== undefined || cacheWrite !== undefined) && {
      prompt_tokens_details: {
        cached_tokens: cacheRead ?? 0,
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
    }),
    ...(outputTokens.reasoning !== undefined && {
      completion_tokens_details: { reasoning_tokens: outputTokens.reasoning },
    }),
  };
}

/** `interrupted` is no end: whoever reads it has been cut off. */
export function finishReasonOf({
  unified,
}: LanguageModelV4FinishReason): 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'error' {
  switch (unified) {
    case 'length':
      return 'length';
    case 'content-filter':
      return 'content_filter';
    case 'tool-calls':
      return 'tool_calls';
    case 'error':
    case 'interrupted':
      return 'error';
    case 'stop':
    case 'other':
      return 'stop';
  }
}
