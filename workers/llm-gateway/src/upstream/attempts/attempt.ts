import type { Instant } from '@gateway/worker-utils/time';
import type {
  Interruption,
  Call,
  FailedAttempt,
  Outcome,
  UpstreamReply,
} from '../../exchange/exchange.ts';
import { generationIdIn } from '../generation-id.ts';
import type { PastAttempt } from './retry-policy.ts';
import { isKeyRejected, isGatewayFault, type RetryScope } from './retry-scope.ts';

/** One call to a target. Its state changes until it ends. */
export type Attempt = {
  readonly attemptNumber: number;
  readonly call: Call;
  /** Position of the target in the order of trying. */
  readonly targetIndex: number;
  readonly startedAt: Instant;
  readonly isLimited: boolean;
  readonly abort: () => void;
  /** Resolves when the attempt ends. */
  readonly done: Promise<void>;
  /** Set when the headers arrive. */
  reply: UpstreamReply | null;
  ended: Ended | null;
  /** Set when the attempt had become the answer and then broke off. */
  interruption: BrokenOff | null;
};
type BrokenOff = { readonly at: Instant; readonly retry: RetryScope } & Pick<
  Interruption,
  'generationId' | 'usage'
>;
type Ended = { readonly result: AttemptResult; readonly at: Instant; readonly chance: number };

export type AttemptResult =
  /** Delivered to the client. Includes refusals that every target would repeat. */
  | { readonly kind: 'answer'; readonly reply: UpstreamReply }
  | {
      readonly kind: 'refused';
      readonly reply: UpstreamReply;
      readonly retry: RetryScope;
      readonly retryAfterMs: number | null;
      readonly ending: 'failed' | 'cut';
    }
  | { readonly kind: 'unreachable'; readonly cause: unknown };

export const isRunning = ({ ended }: Attempt): boolean => ended === null;
export const isAnswer = ({ ended, interruption }: Attempt): boolean =>
  ended?.result.kind === 'answer' && interruption === null;

/** Whether the target has started to stream an answer. */
export const isStream = ({ reply }: Attempt): boolean =>
  reply !== null &&
  reply.status < 400 &&
  reply.headers.get('content-type')?.includes('text/event-stream') === true;

export function pastAttemptOf({
  targetIndex,
  startedAt,
  isLimited,
  ended,
  interruption,
}: Attempt): PastAttempt {
  if (!ended) return { target: targetIndex, startedAt, isLimited, ended: null };
  const { result, at, chance } = ended;
  if (interruption) {
    const { retry } = interruption;
    const end = { at: interruption.at, retry, retryAfterMs: null, chance };
    return { target: targetIndex, startedAt, isLimited, ended: end };
  }
  const refusal = result.kind === 'refused' ? result : null;
  const retry = refusal?.retry ?? 'anywhere';
  const retryAfterMs = refusal?.retryAfterMs ?? null;
  return { target: targetIndex, startedAt, isLimited, ended: { at, retry, retryAfterMs, chance } };
}

/**
 * The attempt to report when none became the answer: the last refusal that is not about the platform account. A client that
 * left receives nothing, but the attempt that may have cost something still gets a cost lookup.
 */
export function winningAttempt(
  attempts: readonly Attempt[],
  hasLeft: boolean,
): Attempt | undefined {
  const replied = attempts.filter(({ reply }) => reply !== null);
  if (hasLeft) return replied.find(({ reply }) => reply && reply.status < 400) ?? attempts.at(-1);
  return (
    replied.findLast(({ reply }) => reply && !isGatewayFault(reply.status)) ??
    // "Model not found" at a fallback would hide that the first target only rejected the key.
    replied.findLast(({ reply }) => reply && isKeyRejected(reply.status)) ??
    replied.at(-1) ??
    attempts.at(-1)
  );
}

/** The outcome of all attempts, as seen from one of them. */
export function outcomeOf(
  attempt: Attempt,
  attempts: readonly Attempt[],
  hasLeft: boolean,
): Outcome {
  const { attemptNumber, call, startedAt, reply, ended } = attempt;
  const others = attempts.filter((other) => other !== attempt);
  const facts = {
    attemptNumber,
    startedAt,
    target: call.target,
    failures: others.map((other) => failureOf(other, hasLeft)),
  };
  if (reply) return { ...facts, kind: 'answered', reply, resume: null };
  const cause = ended?.result.kind === 'unreachable' ? ended.result.cause : null;
  return { ...facts, kind: 'exhausted', ending: hasLeft ? 'client-left' : 'unreachable', cause };
}

const failureOf = (attempt: Attempt, hasLeft: boolean): FailedAttempt => ({
  attemptNumber: attempt.attemptNumber,
  target: attempt.call.target,
  startedAt: attempt.startedAt,
  ending: failedEndingOf(attempt, hasLeft),
  reply: attempt.reply,
  generationId:
    attempt.interruption?.generationId ?? (attempt.reply && generationIdIn(attempt.reply.headers)),
  usage: attempt.interruption?.usage ?? null,
});

function failedEndingOf(
  { ended, interruption, isLimited, reply }: Attempt,
  hasLeft: boolean,
): FailedAttempt['ending'] {
  if (interruption) return 'cut';
  if (!ended) return isLimited ? 'hedged-late' : 'hedged-lost';
  const { result } = ended;
  if (result.kind === 'refused') return result.ending;
  // Two attempts may deliver a first token in the same turn: one of them is the answer and the other one lost.
  if (result.kind === 'answer') return reply && reply.status >= 400 ? 'failed' : 'hedged-lost';
  return hasLeft ? 'client-left' : 'unreachable';
}
