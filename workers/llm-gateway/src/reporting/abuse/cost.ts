import type { Settlement } from '../../billing/settlement/settlement.ts';

/** What an answer cost on the market, whoever pays: by it the service knows who lives on free models. */
export type AbuseCost = Readonly<Record<string, string | number | null>>;

/** Null where the provider gave the answer no id that it could be told by. */
export function abuseCostOf(settlement: Settlement): AbuseCost | null {
  const { messageId, client } = settlement;
  if (messageId === null) return null;
  return {
    kilo_user_id: settlement.payer,
    ip_address: client.address,
    ja4_digest: client.ja4,
    user_agent: client.userAgent,
    message_id: messageId,
    cost: settlement.marketCost,
    requested_model: settlement.requestedModel,
    input_tokens: settlement.inputTokens,
    output_tokens: settlement.outputTokens,
    cache_write_tokens: 0,
    cache_hit_tokens: settlement.cacheHitTokens,
  };
}
