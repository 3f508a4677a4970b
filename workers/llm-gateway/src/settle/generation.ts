import { microUsdOf, zeroMicroUsd } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Attempted } from '../exchange.ts';
import { type ProviderId, providers } from '../providers/registry.ts';
import type { Reading } from '../relay/reading.ts';
import { reportedCostOf } from './cost.ts';
import type { Settlement } from './settlement.ts';

/** A question to a provider: what did this answer cost? */
export type GenerationQuestion = { readonly provider: ProviderId; readonly generation: string };

/**
 * The question that is left when an answer ended without its cost: the client left, the provider broke off, or forgot it.
 * Null where the cost is known, or where nobody could tell.
 */
export function questionAfter({ outcome }: Attempted, reading: Reading): GenerationQuestion | null {
  const { tally, status } = reading;
  const isAnswer = status !== null && status < 400;
  const isCostKnown = reportedCostOf(tally.usage).kind !== 'unknown';
  if (!isAnswer || isCostKnown || tally.generation === null) return null;
  const { provider } = outcome.target;
  return providers[provider].hasGenerations ? { provider, generation: tally.generation } : null;
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

/** A provider's record of one answer, as far as it is read. */
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

/** OpenRouter's fee for an answer on a key of the house's own is a twentieth of its price. */
const PRICE_BY_FEE = 20;

/** The settlement, corrected by the provider's record. */
export function settledBy(settlement: Settlement, { data }: Generation): Settlement {
  const marketCost = microUsdOf(priceOf(data));
  const discount = data.cache_discount ?? null;
  return {
    ...settlement,
    marketCost,
    cost: settlement.isCharged ? marketCost : zeroMicroUsd,
    inputTokens: data.native_tokens_prompt,
    outputTokens: data.native_tokens_completion,
    cacheHitTokens: data.native_tokens_cached,
    inferenceProvider: data.provider_name ?? settlement.inferenceProvider,
    finishReason: data.finish_reason ?? settlement.finishReason,
    isByok: data.is_byok ?? settlement.isByok,
    isCancelled: data.cancelled ?? settlement.isCancelled,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, upstream_cost: marketCost })),
    generation: {
      upstreamId: data.upstream_id ?? null,
      latencyMs: data.latency,
      moderationLatencyMs: data.moderation_latency,
      generationMs: data.generation_time,
      cacheDiscount: discount === null ? null : microUsdOf(discount),
    },
  };
}

function priceOf(data: Generation['data']): number {
  if (data.is_byok !== true) return data.total_cost;
  return data.upstream_inference_cost ?? data.total_cost * PRICE_BY_FEE;
}
