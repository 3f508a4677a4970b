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

/** One call while it is made. What is known of it changes, until it has ended. */
export type Attempt = {
  readonly attemptNumber: number;
  readonly call: Call;
  /** Of the target, in the order in which they are tried. */
  readonly targetIndex: number;
  readonly startedAt: Instant;
  readonly isLimited: boolean;
  readonly abort: () => void;
  /** Resolves when it has ended. */
  readonly done: Promise<void>;
  /** From its headers on. */
  reply: UpstreamReply | null;
  ended: Ended | null;
  /** It had become the answer, and then broke off. */
  interruption: BrokenOff | null;
};
type BrokenOff = { readonly at: Instant; readonly retry: RetryScope } & Pick<
  Interruption,
  'generationId' | 'usage'
>;
type Ended = { readonly result: AttemptResult; readonly at: Instant; readonly chance: number };

export type AttemptResult =
  /** The client gets it, also where it is a refusal that would be the same everywhere. */
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

/** Whether it has begun to answer with a stream. */
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
 * The run that a client hears of, where none became its answer: the last refusal that is about more than the gateway's own
 * house. Who has left is told nothing; but what it may have cost is asked.
 */
export function winningAttempt(runs: readonly Attempt[], hasLeft: boolean): Attempt | undefined {
  const replied = runs.filter(({ reply }) => reply !== null);
  if (hasLeft) return replied.find(({ reply }) => reply && reply.status < 400) ?? runs.at(-1);
  return (
    replied.findLast(({ reply }) => reply && !isGatewayFault(reply.status)) ??
    // That the other one does not have the model is no answer to a request that would have been answered with a valid key.
    replied.findLast(({ reply }) => reply && isKeyRejected(reply.status)) ??
    replied.at(-1) ??
    runs.at(-1)
  );
}

/** What became of all runs, told of this one. */
export function outcomeOf(run: Attempt, runs: readonly Attempt[], hasLeft: boolean): Outcome {
  const { attemptNumber, call, startedAt, reply, ended } = run;
  const others = runs.filter((other) => other !== run);
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

const failureOf = (run: Attempt, hasLeft: boolean): FailedAttempt => ({
  attemptNumber: run.attemptNumber,
  target: run.call.target,
  startedAt: run.startedAt,
  ending: failedEndingOf(run, hasLeft),
  reply: run.reply,
  generationId: run.interruption?.generationId ?? (run.reply && generationIdIn(run.reply.headers)),
  usage: run.interruption?.usage ?? null,
});

function failedEndingOf(
  { ended, interruption, isLimited, reply }: Attempt,
  hasLeft: boolean,
): FailedAttempt['ending'] {
  if (interruption) return 'cut';
  if (!ended) return isLimited ? 'hedged-late' : 'hedged-lost';
  const { result } = ended;
  if (result.kind === 'refused') return result.ending;
  // Two may show their first token in the same turn: one of them is the answer. A refusal is no end of an answer that broke.
  if (result.kind === 'answer') return reply && reply.status >= 400 ? 'failed' : 'hedged-lost';
  return hasLeft ? 'client-left' : 'unreachable';
}
