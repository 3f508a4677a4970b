import { integerWithin, realNumber, storableText } from './sanitize.ts';
import type { SettledAttempt, SettledExchange } from './settled-exchange.ts';

/** The columns that describe an exchange, each fit for its type or null. */
export type StorableMetadata = Readonly<
  Record<keyof SettledExchange['metadata'], string | number | boolean | null>
>;

/** Metadata is whatever a client or an upstream sent: none of it may keep an exchange from being charged. */
export function sanitizeMetadata(exchange: SettledExchange): StorableMetadata {
  const { metadata, organization_id } = exchange;
  return {
    ...metadata,
    vercel_ip_latitude: realNumber(metadata.vercel_ip_latitude),
    vercel_ip_longitude: realNumber(metadata.vercel_ip_longitude),
    // Prompts of organisations are not kept.
    user_prompt_prefix: organization_id === null ? storableText(metadata.user_prompt_prefix) : null,
    system_prompt_length: integerWithin(metadata.system_prompt_length, 32),
    max_tokens: integerWithin(metadata.max_tokens, 53),
    status_code: integerWithin(metadata.status_code, 16),
    machine_id: storableText(metadata.machine_id),
    session_id: storableText(metadata.session_id),
    upstream_id: storableText(metadata.upstream_id),
    latency: realNumber(metadata.latency),
    moderation_latency: realNumber(metadata.moderation_latency),
    generation_time: realNumber(metadata.generation_time),
  };
}

/** An attempt without a usable number has no key, and is left out. */
export function sanitizeAttempts(attempts: readonly SettledAttempt[]): readonly SettledAttempt[] {
  return attempts.flatMap((attempt) => {
    const n = integerWithin(attempt.n, 16);
    if (n === null) return [];
    const { provider, ending, first_byte_ms } = attempt;
    return [
      {
        n,
        provider: storableText(provider) ?? '',
        status: integerWithin(attempt.status, 16),
        ending: storableText(ending) ?? '',
        first_byte_ms: first_byte_ms === null ? null : integerWithin(Math.round(first_byte_ms), 32),
        generation_id: storableText(attempt.generation_id),
        upstream_cost: attempt.upstream_cost,
        is_user_byok: attempt.is_user_byok,
      },
    ];
  });
}
