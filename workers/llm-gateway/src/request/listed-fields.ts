import type { ChatRequest } from './chat-request.ts';

/**
 * The top-level fields that a request keeps where nobody is charged for it, or an organisation has rules: of OpenRouter's chat
 * schema (openrouter.ai/docs/api/reference) and of what clients send (docs/clients.md). A field that is in neither is not sent
 * upstream: what it would cost, or where it would lead, is not known. Those that cost money when they are set are here too:
 * `paidExtrasOf` finds them, and they are refused by name.
 */
const LISTED: ReadonlySet<string> = new Set(
  `
  model models messages prompt stream stream_options user metadata temperature top_p top_k top_a min_p seed
  stop n prediction frequency_penalty presence_penalty repetition_penalty logit_bias logprobs top_logprobs
  max_tokens max_completion_tokens min_tokens response_format structured_outputs verbosity modalities
  service_tier tools tool_choice parallel_tool_calls functions function_call tool_stream reasoning
  reasoning_effort include_reasoning thinking enable_thinking thinking_budget chat_template_kwargs
  chat_template_args cache_control prompt_cache_key prompt_cache_options safety_identifier provider plugins
  transforms usage session_id trace
`.match(/[a-z_]+/g),
);

/** A copy that holds listed fields alone. */
export const withListedFields = (chat: ChatRequest): ChatRequest => ({
  ...Object.fromEntries(Object.entries(chat).filter(([name]) => LISTED.has(name))),
  model: chat.model,
});
