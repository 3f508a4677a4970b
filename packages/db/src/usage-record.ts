import type { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { type LookupIds, lookupKey, type LookupValue } from './queries/resolve-lookups.ts';
import { finiteNumber, integerWithin, lookupText, storableText } from './sanitize.ts';
import { type LookupKind, lookupKinds } from './schema/lookups.ts';

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
  readonly attempts: readonly {
    readonly n: number;
    readonly provider: string;
    readonly status: number | null;
    readonly ending: string;
    readonly first_byte_ms: number | null;
    readonly generation_id: string | null;
    readonly upstream_cost: MicroUsd | null;
  }[];
};

/** A record that the settling statement takes as it is. */
export type UsageRecord = Readonly<Record<string, unknown>> & { readonly id: ExchangeId };

/** What was never learnt has been written so ever since. */
const MISSING_MESSAGE_ID = '<missing>';

/** The lookup values of an exchange, fit to be stored. */
export function lookupValuesOf(exchange: SettledExchange): readonly LookupValue[] {
  return lookupKinds.flatMap((kind) => {
    const value = lookupText(storedLookup(exchange, kind));
    return value === null ? [] : [{ kind, value }];
  });
}

/** Prompts of organisations are not kept. */
const storedLookup = ({ organization_id, lookups }: SettledExchange, kind: LookupKind) =>
  organization_id !== null && kind === 'system_prompt_prefix' ? null : (lookups[kind] ?? null);

/** The row that counts, without anything that a client could have made unstorable. */
export const coreRecord = (exchange: SettledExchange): UsageRecord => ({
  id: exchange.id,
  created_at: new Date(exchange.created_at).toISOString(),
  kilo_user_id: exchange.kilo_user_id,
  organization_id: exchange.organization_id,
  cost: exchange.cost,
  input_tokens: integerWithin(exchange.input_tokens, 53) ?? 0,
  output_tokens: integerWithin(exchange.output_tokens, 53) ?? 0,
  cache_write_tokens: integerWithin(exchange.cache_write_tokens, 53) ?? 0,
  cache_hit_tokens: integerWithin(exchange.cache_hit_tokens, 53) ?? 0,
  provider: storableText(exchange.provider),
  model: storableText(exchange.model),
  requested_model: storableText(exchange.requested_model),
  cache_discount: exchange.cache_discount,
  has_error: exchange.has_error,
  inference_provider: storableText(exchange.inference_provider),
  project_id: storableText(exchange.project_id),
  message_id: storableText(exchange.message_id) ?? MISSING_MESSAGE_ID,
  attempts: [],
});

/** The whole record. Money must not depend on it: where it can't be written, `coreRecord` is. */
export function fullRecord(exchange: SettledExchange, ids: LookupIds): UsageRecord {
  const { metadata } = exchange;
  const lookups = lookupValuesOf(exchange).map(
    (value) => [`${value.kind}_id`, ids.get(lookupKey(value)) ?? null] as const,
  );
  return {
    ...coreRecord(exchange),
    ...metadata,
    ...Object.fromEntries(lookups),
    vercel_ip_latitude: finiteNumber(metadata.vercel_ip_latitude),
    vercel_ip_longitude: finiteNumber(metadata.vercel_ip_longitude),
    user_prompt_prefix:
      exchange.organization_id === null ? storableText(metadata.user_prompt_prefix) : null,
    system_prompt_length: integerWithin(metadata.system_prompt_length, 32),
    max_tokens: integerWithin(metadata.max_tokens, 53),
    status_code: integerWithin(metadata.status_code, 16),
    machine_id: storableText(metadata.machine_id),
    session_id: storableText(metadata.session_id),
    upstream_id: storableText(metadata.upstream_id),
    latency: finiteNumber(metadata.latency),
    moderation_latency: finiteNumber(metadata.moderation_latency),
    generation_time: finiteNumber(metadata.generation_time),
    attempts: exchange.attempts,
  };
}
