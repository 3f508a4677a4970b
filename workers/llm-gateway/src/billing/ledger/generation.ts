import type { SettledExchange } from '@gateway/db';
import { generationPriceUsd } from '@gateway/worker-utils/generation-price';
import { type MicroUsd, microUsdOf, zeroMicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Attempted, Target } from '../../exchange/exchange.ts';
import { type CostLookup } from './cost-lookup.ts';
import { type ProviderId, providers } from '../../catalog/providers/registry.ts';
import type { ExchangeResult } from '../../response/exchange-result.ts';
import { reportedCostOf } from '../cost.ts';

/**
 * The cost lookup that remains after an answer ended: needed when the client left, the provider broke off, or the
 * provider omitted the cost. Null if no provider can answer it.
 */
export function costLookupAfter(
  { outcome }: Attempted,
  reading: ExchangeResult,
): CostLookup | null {
  const { accumulated, status } = reading;
  const isAnswer = status !== null && status < 400;
  if (!isAnswer || accumulated.generationId === null) return null;
  const isCostKnown = reportedCostOf(accumulated.usage).kind !== 'unknown';
  return costLookupOf(outcome.target, accumulated.generationId, isCostKnown);
}

/** Never look up the cost of an organisation's own endpoint: we do not charge for it. */
export function costLookupOf(
  target: Target,
  generation: string,
  isCostKnown: boolean,
): CostLookup | null {
  if (target.kind === 'custom-llm') return null;
  const { provider } = target;
  return providers[provider].hasGenerations ? { provider, generation, isCostKnown } : null;
}

const usd = z.number().finite().min(0).max(1000);
const milliseconds = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const tokens = z
  .int()
  .nonnegative()
  .nullish()
  .transform((value) => value ?? 0);

/** The fields we read of a provider's record of one answer. */
export const Generation = z.object({
  data: z.object({
    total_cost: usd,
    upstream_inference_cost: usd.nullish(),
    is_byok: z.boolean().nullish(),
    native_tokens_prompt: tokens,
    native_tokens_completion: tokens,
    native_tokens_cached: tokens,
    cache_discount: z.number().nullish(),
    provider_name: z.string().nullish(),
    upstream_id: z.string().nullish(),
    finish_reason: z.string().nullish(),
    latency: milliseconds,
    moderation_latency: milliseconds,
    generation_time: milliseconds,
    cancelled: z.boolean().nullish(),
  }),
});
export type Generation = z.infer<typeof Generation>;

type Known = {
  readonly provider: ProviderId;
  /** The generation id of the record. */
  readonly generation: string;
  readonly isCharged: boolean;
  /** If true, the record adds details but changes no charge. */
  readonly isCostKnown: boolean;
};

/** Negative if cache writes cost more than cache reads saved. */
const discountIn = ({ cache_discount: discount }: Generation['data']): MicroUsd | null =>
  discount === null || discount === undefined ? null : microUsdOf(discount);

/** On the platform's own key, only the inference provider's cost gives the price. Without it, the price is a guess. */
export const isPriceGuessed = ({ data }: Generation): boolean =>
  data.is_byok === true && (data.upstream_inference_cost ?? null) === null;

/** The settlement with the provider's record added. `differs`: the record's cost differs from the answer's. */
export function confirmedBy(
  settlement: SettledExchange,
  { data }: Generation,
  { provider, generation, isCharged, isCostKnown }: Known,
): { readonly settlement: SettledExchange; readonly differs: boolean } {
  const price = microUsdOf(generationPriceUsd(data));
  const { metadata } = settlement;
  const marketCost = isCostKnown ? metadata.market_cost : price;
  const counts = {
    input_tokens: data.native_tokens_prompt,
    output_tokens: data.native_tokens_completion,
    cache_hit_tokens: data.native_tokens_cached,
  };
  return {
    differs: isCostKnown && marketCost !== price,
    settlement: {
      ...settlement,
      ...(!isCostKnown && { ...counts, cost: isCharged ? price : zeroMicroUsd }),
      // After an expired lease, this may be another generation than the first one.
      provider,
      cache_discount: isCharged ? discountIn(data) : zeroMicroUsd,
      inference_provider: data.provider_name ?? settlement.inference_provider,
      message_id: settlement.message_id ?? generation,
      lookups: {
        ...settlement.lookups,
        finish_reason: data.finish_reason ?? settlement.lookups.finish_reason ?? null,
      },
      metadata: {
        ...metadata,
        market_cost: marketCost,
        is_byok: data.is_byok ?? metadata.is_byok,
        cancelled: data.cancelled ?? metadata.cancelled,
        upstream_id: data.upstream_id ?? null,
        latency: data.latency,
        moderation_latency: data.moderation_latency,
        generation_time: data.generation_time,
      },
      attempts: settlement.attempts.map((attempt) =>
        attempt.generation_id === generation && !isCostKnown
          ? { ...attempt, upstream_cost: price }
          : attempt,
      ),
    },
  };
}
