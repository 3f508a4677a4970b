import { type ChatRequest, numberIn } from '../request/chat-request.ts';

const TOKENS_MAX = 99_999_999_999;

/** No model answers at such a length; it is a probe. Numbers written as text count, other text does not. */
export const asksForTooManyTokens = (chat: ChatRequest): boolean =>
  [chat['max_tokens'], chat['max_completion_tokens']].some((value) => numberIn(value) > TOKENS_MAX);
