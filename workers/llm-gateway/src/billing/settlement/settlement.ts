import type { AnonymousId, ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { type MicroUsd, zeroMicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import type { Attempted, Composed, FailedAttempt } from '../../exchange/exchange.ts';
import { isStealth } from '../../catalog/models/catalogue.ts';
import { isCharged } from '../../policy/is-charged.ts';
import type { Ending, ExchangeResult } from '../../response/exchange-result.ts';
import type { Usage } from '../../response/usage-accumulator.ts';
import { isStreamed, toolsOf } from '../../request/chat-request.ts';
import { tokenLimitOf } from '../../request/token-limit.ts';
import { type PromptInfo, promptInfoOf } from '../../request/prompt-info.ts';
import { costOrZero, reportedCostOf } from '../cost.ts';
import { unreportedUsageOf } from './unreported-usage.ts';

/** One exchange as it is accounted for. Writing it twice is harmless: `id` is the key of its row. */
export type Settlement = {
  readonly id: ExchangeId;
  readonly at: Instant;
  readonly payer: UserId | AnonymousId;
  readonly organization: OrganizationId | null;
  /** False: whatever it costs is on the house. */
  readonly isCharged: boolean;
  /** What the payer is charged, as far as it is known. */
  readonly cost: MicroUsd;
  /** Where the answer did not tell, nothing is charged until the provider has. */
  readonly isCostKnown: boolean;
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
  readonly maxTokens: number | null;
  readonly prompt: PromptInfo;
  readonly attempts: readonly Attempt[];
  readonly client: ClientFacts;
};

/** One call to an upstream. */
type Attempt = {
  readonly n: number;
  readonly provider: string;
  readonly status: number | null;
  /** `lost`: whoever was to tell never came back. */
  readonly ending: Ending | FailedAttempt['ending'] | 'lost';
  readonly first_byte_ms: number | null;
  readonly generation_id: string | null;
  readonly upstream_cost: MicroUsd | null;
  readonly is_user_byok: boolean;
};

type ClientFacts = Attempted['arrival']['hints'] &
  Attempted['arrival']['geo'] & { readonly address: string };

/** An exchange as it has ended. */
export function settlementOf(exchange: Attempted, reading: ExchangeResult): Settlement {
  const { model, outcome } = exchange;
  const { accumulated, ending } = reading;
  const usage = unreportedUsageOf(exchange, reading) ?? accumulated.usage;
  const reported = reportedCostOf(usage);
  const marketCost = costOrZero(reported);
  const facts = factsOf(exchange);
  return {
    ...facts,
    cost: facts.isCharged ? marketCost : zeroMicroUsd,
    isCostKnown: reported.kind !== 'unknown',
    marketCost,
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    cacheHitTokens: usage?.cacheHitTokens ?? 0,
    provider: outcome.target.provider,
    // Whose makers are not to be named is not named by what the provider calls it.
    model: isStealth(model) ? model.resolved : (accumulated.model ?? model.resolved),
    inferenceProvider: accumulated.inferenceProvider,
    hasError: ending !== 'complete' || reported.kind === 'absurd',
    messageId: accumulated.generationId,
    finishReason: accumulated.finishReason,
    status: reading.status,
    isByok: accumulated.usage?.isByok ?? null,
    isCancelled: ending === 'client-left',
    attempts: attemptsOf(exchange, reading),
  };
}

/** An exchange that is about to begin, as it is to be accounted for if nobody ever comes back to tell how it ended. */
export function draftOf(exchange: Composed): Settlement {
  const [{ provider }] = exchange.plan;
  const attempt = {
    n: 1,
    provider,
    status: null,
    ending: 'lost',
    is_user_byok: exchange.plan[0].kind === 'byok',
    first_byte_ms: null,
    generation_id: null,
    upstream_cost: null,
  } as const;
  return {
    ...factsOf(exchange),
    cost: zeroMicroUsd,
    isCostKnown: false,
    marketCost: zeroMicroUsd,
    inputTokens: 0,
    outputTokens: 0,
    cacheHitTokens: 0,
    provider,
    model: exchange.model.resolved,
    inferenceProvider: null,
    hasError: true,
    messageId: null,
    finishReason: null,
    status: null,
    isByok: null,
    isCancelled: false,
    attempts: [attempt],
  };
}

/** Who pays for an exchange, or, where it costs nothing, whose it is. */
export const payerIn = ({
  arrival,
  caller,
}: Composed): Pick<Settlement, 'id' | 'payer' | 'organization'> => ({
  id: arrival.id,
  payer: caller.id,
  organization: caller.kind === 'user' ? (caller.snapshot.organization?.id ?? null) : null,
});

/** What is known from the request alone. */
function factsOf(exchange: Composed) {
  const { arrival, chat, model, plan, freeTier } = exchange;
  return {
    ...payerIn(exchange),
    at: arrival.at,
    isCharged: isCharged(exchange),
    requestedModel: model.resolved,
    autoModel: model.requested === model.resolved ? null : model.requested,
    project: arrival.hints.project,
    isOwnKey: plan[0].kind === 'byok',
    isStreamed: isStreamed(chat),
    hasTools: toolsOf(chat).length > 0,
    hasMiddleOut: Array.isArray(chat['transforms']) && chat['transforms'].includes('middle-out'),
    maxTokens: tokenLimitOf(chat),
    prompt: promptInfoOf(chat),
    client: { ...arrival.hints, ...arrival.geo, address: freeTier.address },
  };
}

/** All calls that were made, in the order in which they began. */
function attemptsOf(
  { outcome }: Attempted,
  { accumulated, ...reading }: ExchangeResult,
): readonly Attempt[] {
  const { attemptNumber, target, startedAt, failures } = outcome;
  const told: Attempt = {
    ...callOf({ attemptNumber, target }),
    status: reading.status,
    ending: reading.ending,
    first_byte_ms: sinceOrNull(startedAt, reading.headersAt),
    generation_id: accumulated.generationId,
    upstream_cost: learntCostOf(accumulated.usage),
  };
  return [...failures.map(failedAttemptOf), told].toSorted((a, b) => a.n - b.n);
}

const failedAttemptOf = ({
  ending,
  reply,
  startedAt,
  generationId,
  usage,
  ...call
}: FailedAttempt): Attempt => ({
  ...callOf(call),
  status: reply?.status ?? null,
  ending,
  first_byte_ms: sinceOrNull(startedAt, reply?.at ?? null),
  generation_id: generationId,
  upstream_cost: learntCostOf(usage),
});

function learntCostOf(usage: Usage | null): MicroUsd | null {
  const reported = reportedCostOf(usage);
  return reported.kind === 'reported' ? reported.cost : null;
}

const callOf = ({ attemptNumber, target }: Pick<FailedAttempt, 'attemptNumber' | 'target'>) => ({
  n: attemptNumber,
  provider: target.provider,
  is_user_byok: target.kind === 'byok',
});

const sinceOrNull = (start: Instant, end: Instant | null): number | null =>
  end === null ? null : Math.max(0, end - start);
