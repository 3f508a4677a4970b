import type { Instant } from '@gateway/worker-utils/time';
import type { Call, FailedAttempt, Outcome, UpstreamReply } from '../exchange.ts';
import type { Try } from './next-try.ts';
import { isOfGateway, type Retry } from './retry.ts';

/** One call while it is made. What is known of it changes, until it has ended. */
export type Run = {
  readonly n: number;
  readonly call: Call;
  /** Of the target, in the order in which they are tried. */
  readonly place: number;
  readonly startedAt: Instant;
  readonly isLimited: boolean;
  readonly abort: () => void;
  /** Resolves when it has ended. */
  readonly done: Promise<void>;
  /** From its headers on. */
  reply: UpstreamReply | null;
  ended: Ended | null;
};
type Ended = { readonly result: Result; readonly at: Instant; readonly chance: number };

export type Result =
  /** The client gets it, also where it is a refusal that would be the same everywhere. */
  | { readonly kind: 'answer'; readonly reply: UpstreamReply }
  | {
      readonly kind: 'refused';
      readonly reply: UpstreamReply;
      readonly retry: Retry;
      readonly retryAfterMs: number | null;
      readonly ending: 'failed' | 'cut';
    }
  | { readonly kind: 'unreachable'; readonly cause: unknown };

export const isRunning = ({ ended }: Run): boolean => ended === null;
export const isAnswer = ({ ended }: Run): boolean => ended?.result.kind === 'answer';

export function tryOf({ place, startedAt, isLimited, ended }: Run): Try {
  if (!ended) return { target: place, startedAt, isLimited, ended: null };
  const { result, at, chance } = ended;
  const refusal = result.kind === 'refused' ? result : null;
  const retry = refusal?.retry ?? 'anywhere';
  const retryAfterMs = refusal?.retryAfterMs ?? null;
  return { target: place, startedAt, isLimited, ended: { at, retry, retryAfterMs, chance } };
}

/**
 * The run that a client hears of, where none became its answer: the last refusal that is about more than the gateway's own
 * house. Who has left is told nothing; but what it may have cost is asked.
 */
export function told(runs: readonly Run[], hasLeft: boolean): Run | undefined {
  const replied = runs.filter(({ reply }) => reply !== null);
  if (hasLeft) return replied.find(({ reply }) => reply && reply.status < 400) ?? runs.at(-1);
  return (
    replied.findLast(({ reply }) => reply && !isOfGateway(reply.status)) ??
    replied.at(-1) ??
    runs.at(-1)
  );
}

/** What became of all runs, told of this one. */
export function outcomeOf(run: Run, runs: readonly Run[], hasLeft: boolean): Outcome {
  const { n, call, startedAt, reply, ended } = run;
  const others = runs.filter((other) => other !== run);
  const facts = {
    n,
    startedAt,
    target: call.target,
    failures: others.map((other) => failureOf(other, hasLeft)),
  };
  if (reply) return { ...facts, kind: 'answered', reply };
  const cause = ended?.result.kind === 'unreachable' ? ended.result.cause : null;
  return { ...facts, kind: 'exhausted', ending: hasLeft ? 'client-left' : 'unreachable', cause };
}

const failureOf = (run: Run, hasLeft: boolean): FailedAttempt => ({
  n: run.n,
  target: run.call.target,
  startedAt: run.startedAt,
  ending: failedEndingOf(run, hasLeft),
  reply: run.reply,
});

function failedEndingOf({ ended, isLimited }: Run, hasLeft: boolean): FailedAttempt['ending'] {
  if (!ended) return isLimited ? 'late' : 'outrun';
  const { result } = ended;
  if (result.kind === 'refused') return result.ending;
  // Two may show their first token in the same turn: one of them is the answer.
  if (result.kind === 'answer') return 'outrun';
  return hasLeft ? 'client-left' : 'unreachable';
}
