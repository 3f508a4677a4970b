import type { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { type MicroUsd, zeroMicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import type { Attempted } from '../exchange.ts';
import type { Ending, Reading } from '../relay/reading.ts';
import { isStreamed, toolsOf } from '../request/chat-request.ts';
import { type PromptInfo, promptInfoOf } from '../request/prompt-info.ts';
import { costOrZero, reportedCostOf } from './cost.ts';

/** One exchange as it is accounted for. Writing it twice is harmless: `id` is the key of its row. */
export type Settlement = {
  readonly id: ExchangeId;
  readonly at: Instant;
  readonly payer: UserId | AnonymousId;
  readonly organization: OrganizationId | null;
  /** False: whatever it costs is on the house. */
  readonly isCharged: boolean;
  /** What the payer is charged. */
  readonly cost: MicroUsd;
  /** What it would have cost on the market. */
  readonly marketCost: MicroUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHitTokens: number;
  readonly provider: string;
  readonly model: string;
  readonly requestedModel: string;
  /** What the client asked for, where that left the choice to us. */
  readonly autoModel: string | null;
  readonly inferenceProvider: string | null;
  readonly hasError: boolean;
  readonly project: string | null;
  readonly messageId: string | null;
  readonly finishReason: string | null;
  readonly status: number | null;
  /** The caller's. `isByok` is another matter: a key of the house's that OpenRouter holds. */
  readonly isOwnKey: boolean;
  readonly isByok: boolean | null;
  readonly isStreamed: boolean;
  readonly isCancelled: boolean;
  readonly hasTools: boolean;
  readonly hasMiddleOut: boolean;
  readonly maxTokens: unknown;
  readonly prompt: PromptInfo;
  readonly attempts: readonly Attempt[];
  /** What only the provider's record of the generation tells. */
  readonly generation: GenerationFacts | null;
  readonly client: ClientFacts;
};

type GenerationFacts = {
  readonly upstreamId: string | null;
  readonly latencyMs: number | null;
  readonly moderationLatencyMs: number | null;
  readonly generationMs: number | null;
  readonly cacheDiscount: MicroUsd | null;
};

/** One call to an upstream. */
type Attempt = {
  readonly n: number;
  readonly provider: string;
  readonly status: number | null;
  readonly ending: Ending;
  readonly first_byte_ms: number | null;
  readonly generation_id: string | null;
  readonly upstream_cost: MicroUsd | null;
  readonly is_user_byok: boolean;
};

type ClientFacts = Attempted['arrival']['hints'] &
  Attempted['arrival']['geo'] & { readonly address: string };

export function settlementOf(exchange: Attempted, reading: Reading): Settlement {
  const { arrival, caller, chat, grant, model, outcome, standing } = exchange;
  const { tally, ending } = reading;
  const reported = reportedCostOf(tally.usage);
  const marketCost = costOrZero(reported);
  const isOwnKey = outcome.target.kind === 'own-keys';
  const isCharged =
    !model.isFree && caller.kind === 'user' && grant.promotion === null && !isOwnKey;
  return {
    id: arrival.id,
    at: arrival.at,
    payer: caller.id,
    organization: caller.kind === 'user' ? (caller.snapshot.organization?.id ?? null) : null,
    isCharged,
    cost: isCharged ? marketCost : zeroMicroUsd,
    marketCost,
    inputTokens: tally.usage?.inputTokens ?? 0,
    outputTokens: tally.usage?.outputTokens ?? 0,
    cacheHitTokens: tally.usage?.cacheHitTokens ?? 0,
    provider: outcome.target.provider,
    model: tally.model ?? model.resolved,
    requestedModel: model.resolved,
    autoModel: model.requested === model.resolved ? null : model.requested,
    inferenceProvider: tally.inferenceProvider,
    hasError: ending !== 'complete' || reported.kind === 'absurd',
    project: arrival.hints.project,
    messageId: tally.generation,
    finishReason: tally.finishReason,
    status: reading.status,
    isOwnKey,
    isByok: tally.usage?.isByok ?? null,
    isStreamed: isStreamed(chat),
    isCancelled: ending === 'client-left',
    hasTools: toolsOf(chat).length > 0,
    hasMiddleOut: Array.isArray(chat['transforms']) && chat['transforms'].includes('middle-out'),
    maxTokens: chat['max_tokens'],
    prompt: promptInfoOf(chat),
    attempts: [attemptOf(exchange, reading)],
    generation: null,
    client: { ...arrival.hints, ...arrival.geo, address: standing.address },
  };
}

function attemptOf({ arrival, outcome }: Attempted, { tally, ...reading }: Reading): Attempt {
  const reported = reportedCostOf(tally.usage);
  return {
    n: 1,
    provider: outcome.target.provider,
    status: reading.status,
    ending: reading.ending,
    first_byte_ms: reading.headersAt === null ? null : Math.max(0, reading.headersAt - arrival.at),
    generation_id: tally.generation,
    upstream_cost: reported.kind === 'reported' ? reported.cost : null,
    is_user_byok: outcome.target.kind === 'own-keys',
  };
}
