import { type MicroUsd, microUsdOf } from '@gateway/worker-utils/money';
import { type ChatRequest, numberIn } from '../request/chat-request.ts';

/** USD a token, by the upstream's catalogue. */
export type TokenPrices = { readonly prompt: number; readonly completion: number };

const BYTES_A_TOKEN = 4;
/** Most answers are shorter, whatever a client allows them to be. */
const OUTPUT_TOKENS_MAX = 4_000;

/** What a request may cost: enough to hold back for it, not a limit. */
export function holdEstimate(
  chat: ChatRequest,
  { bodyBytes, prices }: { readonly bodyBytes: number; readonly prices: TokenPrices },
): MicroUsd {
  const asked = numberIn(chat['max_completion_tokens'] ?? chat['max_tokens']);
  const outputTokens = asked >= 0 ? Math.min(asked, OUTPUT_TOKENS_MAX) : OUTPUT_TOKENS_MAX;
  return microUsdOf((bodyBytes / BYTES_A_TOKEN) * prices.prompt + outputTokens * prices.completion);
}
