import type { WriteResult, SettledExchange } from '@gateway/db';
import { ExchangeId, UserId } from '@gateway/worker-utils/ids';
import { type MicroUsd, zeroMicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';

/** The n-th of some exchanges, that cost nothing and of which little is known. */
export const settledExchange = (
  n: number,
  known: Partial<SettledExchange> = {},
): SettledExchange => ({
  id: exchangeId(n),
  revision: 2,
  created_at: Instant.parse(1_790_000_000_000),
  kilo_user_id: UserId.parse('ann'),
  organization_id: null,
  cost: zeroMicroUsd,
  input_tokens: 0,
  output_tokens: 0,
  cache_write_tokens: 0,
  cache_hit_tokens: 0,
  provider: 'openrouter',
  model: 'vendor/model',
  requested_model: 'vendor/model',
  cache_discount: null,
  has_error: false,
  inference_provider: null,
  project_id: null,
  message_id: null,
  lookups: {},
  metadata: {
    vercel_ip_latitude: null,
    vercel_ip_longitude: null,
    user_prompt_prefix: null,
    system_prompt_length: null,
    max_tokens: null,
    has_middle_out_transform: false,
    status_code: null,
    is_byok: null,
    is_user_byok: false,
    streamed: false,
    cancelled: null,
    has_tools: false,
    machine_id: null,
    session_id: null,
    market_cost: null,
    upstream_id: null,
    latency: null,
    moderation_latency: null,
    generation_time: null,
  },
  attempts: [],
  ...known,
});

export const exchangeId = (n: number): ExchangeId =>
  ExchangeId.parse(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);

/** As Postgres tells of one that it has just written. */
export const landingOf = ({ id }: SettledExchange, used: MicroUsd = zeroMicroUsd): WriteResult => ({
  id,
  landed: 'inserted',
  microdollars_used: used,
  kilo_pass_threshold: null,
  payer_balance: null,
  auto_top_up_enabled: false,
  had_usage_before: true,
  cost_before: null,
  organization: null,
});
