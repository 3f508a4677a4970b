import type { Instant } from '@gateway/worker-utils/time';
import type { Broken, Call, FailedAttempt, Outcome, UpstreamReply } from '../exchange.ts';
import { generationName } from '../relay/generation-name.ts';
import type { Try } from './next-try.ts';
import { isKeyRejected, isOfGateway, type Retry } from './retry.ts';

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
  /** It had become the answer, and then broke off. */
  broken: BrokenOff | null;
};
type BrokenOff = { readonly at: Instant; readonly retry: Retry } & Pick<
  Broken,
  'generation' | 'usage'
>;
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
export const isAnswer = ({ ended, broken }: Run): boolean =>
  ended?.result.kind === 'answer' && broken === null;

/** Whether it has begun to answer with a stream. */
export const isStream = ({ reply }: Run): boolean =>
  reply !== null &&
  reply.status < 400 &&
  reply.headers.get('content-type')?.includes('text/event-stream') === true;

export function tryOf({ place, startedAt, isLimited, ended, broken }: Run): Try {
  if (!ended) return { target: place, startedAt, isLimited, ended: null };
  const { result, at, chance } = ended;
  if (broken) {
    const { retry } = broken;
    const end = { at: broken.at, retry, retryAfterMs: null, chance };
    return { target: place, startedAt, isLimited, ended: end };
  }
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
    // That the other one does not have the model is no answer to a request that would have been answered with a valid key.
    replied.findLast(({ reply }) => reply && isKeyRejected(reply.status)) ??
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
  if (reply) return { ...facts, kind: 'answered', reply, rescue: null };
  const cause = ended?.result.kind === 'unreachable' ? ended.result.cause : null;
  return { ...facts, kind: 'exhausted', ending: hasLeft ? 'client-left' : 'unreachable', cause };
}

const failureOf = (run: Run, hasLeft: boolean): FailedAttempt => ({
  n: run.n,
  target: run.call.target,
  startedAt: run.startedAt,
  ending: failedEndingOf(run, hasLeft),
  reply: run.reply,
  generation: run.broken?.generation ?? (run.reply && generationName(run.reply.headers)),
  usage: run.broken?.usage ?? null,
});

function failedEndingOf(
  { ended, broken, isLimited, reply }: Run,
  hasLeft: boolean,
): FailedAttempt['ending'] {
  if (broken) return 'cut';
  if (!ended) return isLimited ? 'late' : 'outrun';
  const { result } = ended;
  if (result.kind === 'refused') return result.ending;
  // Two may show their first token in the same turn: one of them is the answer. A refusal is no end of an answer that broke.
  if (result.kind === 'answer') return reply && reply.status >= 400 ? 'failed' : 'outrun';
  return hasLeft ? 'client-left' : 'unreachable';
}
