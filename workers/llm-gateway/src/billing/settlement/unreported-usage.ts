import { usdOf } from '@gateway/worker-utils/money';
import type { Attempted } from '../../exchange/exchange.ts';
import { tariffCostOf } from '../../response/tariff-cost.ts';
import type { Provider } from '../../catalog/providers/provider.ts';
import { providers } from '../../catalog/providers/registry.ts';
import type { ExchangeResult } from '../../response/exchange-result.ts';
import type { Usage } from '../../response/usage-accumulator.ts';
import { type ChatRequest, messagesOf, textOf } from '../../request/chat-request.ts';
import { utf8BytesOf } from '../../request/utf8-bytes.ts';

/** Of prose and of code, by the tokenizers of today, on average. */
const BYTES_A_TOKEN = 4;

/**
 * What an answer has taken whose provider neither says so nor keeps a record that could be asked for: a token for every four
 * bytes of the request's texts, and of the text that came. Null where the usage is known, or where nothing is charged: a provider
 * without a tariff serves only what nobody pays for, and what a provider has failed at or broken off is not billed by guess.
 */
export function unreportedUsageOf(
  { chat, outcome }: Pick<Attempted, 'chat' | 'outcome'>,
  { accumulated, ending, status }: Pick<ExchangeResult, 'accumulated' | 'ending' | 'status'>,
): Usage | null {
  const { target } = outcome;
  if (target.kind !== 'platform' || status === null || status >= 400) return null;
  if (ending !== 'complete' && ending !== 'client-left') return null;
  const { tariff, hasGenerations }: Provider = providers[target.provider];
  if (tariff === null || hasGenerations || isTold(accumulated.usage)) return null;
  const tokens = {
    inputTokens: tokensIn(promptBytesOf(chat)),
    outputTokens: tokensIn(accumulated.textBytes),
  };
  const cost = usdOf(tariffCostOf(tokens, tariff));
  return { ...tokens, cacheHitTokens: 0, cost, upstreamCost: null, isByok: null };
}

const isTold = (usage: Usage | null): boolean =>
  usage !== null && usage.inputTokens + usage.outputTokens > 0;

const tokensIn = (bytes: number): number => Math.ceil(bytes / BYTES_A_TOKEN);

const promptBytesOf = (chat: ChatRequest): number =>
  [chat['prompt'], chat['suffix'], ...messagesOf(chat).map(textOf)].reduce(
    (sum: number, text) => sum + (typeof text === 'string' ? utf8BytesOf(text) : 0),
    0,
  );
