import { type ChatRequest, numberIn } from './chat-request.ts';

/** Both names of the limit: OpenAI renamed the first to the second, and clients send either. */
const NAMES = ['max_tokens', 'max_completion_tokens'] as const;

/** The tokens that a client allows an answer, as accounting and the abuse service read it. Null: no number was sent. */
export const tokenLimitOf = (chat: ChatRequest): number | null =>
  NAMES.map((name) => numberIn(chat[name])).find(Number.isFinite) ?? null;
