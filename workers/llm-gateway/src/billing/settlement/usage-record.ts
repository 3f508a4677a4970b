import type { SettledExchange } from '@gateway/db';
import { zeroMicroUsd } from '@gateway/worker-utils/money';
import { revisions } from '../ledger/entry.ts';
import type { Settlement } from './settlement.ts';

/** From our words to those of the tables. What only the provider's record of an answer tells is not known yet. */
export function usageRecordOf(settlement: Settlement): SettledExchange {
  const { client, prompt } = settlement;
  return {
    id: settlement.id,
    revision: revisions.settled,
    created_at: settlement.at,
    kilo_user_id: settlement.payer,
    organization_id: settlement.organization,
    cost: settlement.isCharged && !settlement.isCostKnown ? null : settlement.cost,
    input_tokens: settlement.inputTokens,
    output_tokens: settlement.outputTokens,
    cache_write_tokens: 0,
    cache_hit_tokens: settlement.cacheHitTokens,
    provider: settlement.provider,
    model: settlement.model,
    requested_model: settlement.requestedModel,
    // Who pays nothing was spared nothing.
    cache_discount: settlement.isCharged ? null : zeroMicroUsd,
    has_error: settlement.hasError,
    inference_provider: settlement.inferenceProvider,
    project_id: settlement.project,
    message_id: settlement.messageId,
    lookups: {
      http_user_agent: client.userAgent,
      http_ip: client.address,
      vercel_ip_city: client.city,
      vercel_ip_country: client.country,
      ja4_digest: client.ja4,
      system_prompt_prefix: prompt.system_prompt_prefix,
      finish_reason: settlement.finishReason,
      editor_name: client.editor,
      feature: client.feature,
      mode: client.mode,
      auto_model: settlement.autoModel,
    },
    metadata: {
      vercel_ip_latitude: client.latitude,
      vercel_ip_longitude: client.longitude,
      user_prompt_prefix: prompt.user_prompt_prefix,
      system_prompt_length: prompt.system_prompt_length,
      max_tokens: settlement.maxTokens,
      has_middle_out_transform: settlement.hasMiddleOut,
      status_code: settlement.status,
      is_byok: settlement.isByok,
      is_user_byok: settlement.isOwnKey,
      streamed: settlement.isStreamed,
      cancelled: settlement.isCancelled,
      has_tools: settlement.hasTools,
      machine_id: client.machine,
      session_id: client.task,
      market_cost: settlement.isCostKnown ? settlement.marketCost : null,
      upstream_id: null,
      latency: null,
      moderation_latency: null,
      generation_time: null,
    },
    attempts: settlement.attempts,
  };
}
