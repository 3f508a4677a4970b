import { type ChatRequest, numberIn } from '../request/chat-request.ts';

const TOKENS_MAX = 99_999_999_999;

/** No model writes that much: such a request is a probe. Numbers in strings count; other strings do not. */
export const asksForTooManyTokens = (chat: ChatRequest): boolean =>
  [chat['max_tokens'], chat['max_completion_tokens']].some((value) => numberIn(value) > TOKENS_MAX);
