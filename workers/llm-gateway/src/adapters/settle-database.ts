import { type Database, settle, type SettledExchange } from '@gateway/db';
import type { Landing } from '../consequences/consequences-of.ts';
import type { Report } from '../reports/report.ts';
import { missingPayerReport, parkedReport } from '../reports/settlement-reports.ts';
import type { Settlement } from '../settle/settlement.ts';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly pause: (ms: number) => Promise<void>;
  readonly report: (report: Report) => Promise<void>;
};

const ATTEMPTS_MAX = 3;
const RETRY_AFTER_MS = 250;

/** Null where the row could not be written in any form. */
type Settle = (settlement: Settlement) => Promise<Landing | null>;

/** Writes a settlement to Postgres. Writing it again is harmless, so that whatever went wrong is simply tried again. */
export function settlerOf({ lend, pause, report }: Needs): Settle {
  return async (settlement) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const { landings, parked } = await lend((database) =>
          settle(database, [recordOf(settlement)]),
        );
        for (const { cause } of parked) await report(parkedReport(settlement, cause));
        const [landing = null] = landings;
        if (landing && isPayerMissing(settlement, landing))
          await report(missingPayerReport(settlement));
        return landing;
      } catch (cause) {
        if (attempt === ATTEMPTS_MAX) throw cause;
        await pause(RETRY_AFTER_MS * attempt);
      }
    }
  };
}

/** Somebody was charged, and no balance changed. */
const isPayerMissing = (
  settlement: Settlement,
  landing: { readonly landed: string; readonly microdollars_used: number | null },
): boolean =>
  settlement.organization === null &&
  settlement.cost > 0 &&
  landing.landed === 'inserted' &&
  landing.microdollars_used === null;

/** From our words to those of the tables. */
function recordOf(settlement: Settlement): SettledExchange {
  const { client, generation, prompt } = settlement;
  return {
    id: settlement.id,
    revision: 1,
    created_at: settlement.at,
    kilo_user_id: settlement.payer,
    organization_id: settlement.organization,
    cost: settlement.cost,
    input_tokens: settlement.inputTokens,
    output_tokens: settlement.outputTokens,
    cache_write_tokens: 0,
    cache_hit_tokens: settlement.cacheHitTokens,
    provider: settlement.provider,
    model: settlement.model,
    requested_model: settlement.requestedModel,
    cache_discount: generation?.cacheDiscount ?? null,
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
      market_cost: settlement.marketCost,
      upstream_id: generation?.upstreamId ?? null,
      latency: generation?.latencyMs ?? null,
      moderation_latency: generation?.moderationLatencyMs ?? null,
      generation_time: generation?.generationMs ?? null,
    },
    attempts: settlement.attempts,
  };
}
