import type { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import type { LookupKind } from './lookup-kinds.ts';

/** One exchange to be settled, as it comes: nothing in its metadata has been checked. */
export type SettledExchange = {
  readonly id: ExchangeId;
  /** Of the exchange, never of the write: it decides the day on which it counts. */
  readonly created_at: Instant;
  readonly kilo_user_id: UserId | AnonymousId;
  readonly organization_id: OrganizationId | null;
  readonly cost: MicroUsd;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_write_tokens: number;
  readonly cache_hit_tokens: number;
  readonly provider: string;
  readonly model: string;
  readonly requested_model: string;
  readonly cache_discount: MicroUsd | null;
  readonly has_error: boolean;
  readonly inference_provider: string | null;
  readonly project_id: string | null;
  readonly message_id: string | null;
  readonly lookups: Readonly<Partial<Record<LookupKind, string | null>>>;
  readonly metadata: {
    readonly vercel_ip_latitude: number | null;
    readonly vercel_ip_longitude: number | null;
    readonly user_prompt_prefix: string | null;
    readonly system_prompt_length: number | null;
    /** As the client sent it. */
    readonly max_tokens: unknown;
    readonly has_middle_out_transform: boolean;
    readonly status_code: number | null;
    readonly is_byok: boolean | null;
    readonly is_user_byok: boolean;
    readonly streamed: boolean;
    readonly cancelled: boolean | null;
    readonly has_tools: boolean;
    readonly machine_id: string | null;
    readonly session_id: string | null;
    readonly market_cost: MicroUsd | null;
    readonly upstream_id: string | null;
    readonly latency: number | null;
    readonly moderation_latency: number | null;
    readonly generation_time: number | null;
  };
  readonly attempts: readonly SettledAttempt[];
};

export type SettledAttempt = {
  readonly n: number;
  readonly provider: string;
  readonly status: number | null;
  readonly ending: string;
  readonly first_byte_ms: number | null;
  readonly generation_id: string | null;
  readonly upstream_cost: MicroUsd | null;
};
