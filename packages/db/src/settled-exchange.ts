import { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { lookupKinds } from './lookup-kinds.ts';

const text = z.string().nullable();
const number = z.number().nullable();
const flag = z.boolean().nullable();

const SettledAttempt = z
  .object({
    n: z.number(),
    provider: z.string(),
    status: number,
    ending: z.string(),
    first_byte_ms: number,
    generation_id: text,
    upstream_cost: MicroUsd.nullable(),
    is_user_byok: z.boolean(),
  })
  .readonly();
/** One call to an upstream. */
export type SettledAttempt = z.infer<typeof SettledAttempt>;

/** One exchange to be settled, as it comes: nothing in its metadata has been checked. It survives JSON. */
export const SettledExchange = z
  .object({
    id: ExchangeId,
    /**
     * Of what is known of this exchange. The one with the higher revision holds, in whatever order they arrive; revision 0
     * stands for what was never learnt, and corrects nothing that is already there.
     */
    revision: z.int().nonnegative(),
    /** Of the exchange, never of the write: it decides the day on which it counts. */
    created_at: Instant,
    kilo_user_id: z.union([UserId, AnonymousId]),
    organization_id: OrganizationId.nullable(),
    /** Null: not known yet. It then stays what it is, or 0, until it is learnt. */
    cost: MicroUsd.nullable(),
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_write_tokens: z.number(),
    cache_hit_tokens: z.number(),
    provider: z.string(),
    model: z.string(),
    requested_model: z.string(),
    cache_discount: MicroUsd.nullable(),
    has_error: z.boolean(),
    inference_provider: text,
    project_id: text,
    message_id: text,
    lookups: z.partialRecord(z.enum(lookupKinds), text).readonly(),
    metadata: z
      .object({
        vercel_ip_latitude: number,
        vercel_ip_longitude: number,
        user_prompt_prefix: text,
        system_prompt_length: number,
        /** As the client sent it. */
        max_tokens: z.unknown(),
        has_middle_out_transform: z.boolean(),
        status_code: number,
        is_byok: flag,
        is_user_byok: z.boolean(),
        streamed: z.boolean(),
        cancelled: flag,
        has_tools: z.boolean(),
        machine_id: text,
        session_id: text,
        market_cost: MicroUsd.nullable(),
        upstream_id: text,
        latency: number,
        moderation_latency: number,
        generation_time: number,
      })
      .readonly(),
    attempts: z.array(SettledAttempt).readonly(),
  })
  .readonly();
export type SettledExchange = z.infer<typeof SettledExchange>;
