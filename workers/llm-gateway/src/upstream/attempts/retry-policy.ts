import { Instant } from '@gateway/worker-utils/time';
import type { RetryScope } from './retry-scope.ts';

/** What the retry policy needs to know about an attempt. */
export type PastAttempt = {
  /** Index in the plan. */
  readonly target: number;
  readonly startedAt: Instant;
  /** Whether another target was untried when the attempt started: then a late first token starts a hedged attempt. */
  readonly isLimited: boolean;
  /** Null: the attempt is still running. */
  readonly ended: Ended | null;
};
type Ended = {
  readonly at: Instant;
  readonly retry: RetryScope;
  /** From the target's `retry-after`. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1. Jitter, so that calls that failed together do not retry together. */
  readonly chance: number;
};

/** The most attempts that may start within any window of `ms`, over all targets. */
const BUDGETS = [
  { ms: 1500, tries: 2 },
  { ms: 3000, tries: 4 },
] as const;
const TRIES_MAX = 6;
const TRIES_OF_TARGET_MAX = 3;
/** No attempt starts later than this after the request was left without an answer. */
const TRYING_MS_MAX = 30_000;
const BACK_OFF_MS = 300;
/** A target that asks for a longer wait is not retried. */
const RETRY_AFTER_MS_MAX = 5000;

type Limits = {
  readonly targets: number;
  /** A first token that takes longer is late. */
  readonly lateMs: number;
  /** When the request was left without an answer. */
  readonly since: Instant;
};
export type NextAttempt = { readonly target: number; readonly at: Instant };

/**
 * The next target to try, and when: at once for an untried target, after a back-off for a failed one. A silent attempt keeps
 * running when the next one starts. Null: nothing is left to try.
 */
export function nextAttempt(
  tries: readonly PastAttempt[],
  { targets, lateMs, since }: Limits,
): NextAttempt | null {
  if (tries.length === 0) return { target: 0, at: Instant.parse(0) };
  if (tries.length >= TRIES_MAX) return null;
  const running = tries.filter(({ ended }) => ended === null);
  // The last target has no first-token limit: reasoning models are slow.
  if (running.some(({ isLimited }) => !isLimited)) return null;
  const lateAt = running.map(({ startedAt }) => startedAt + lateMs);
  const earliest = Math.max(...lateAt, budgetAt(tries.map(({ startedAt }) => startedAt)));
  const latest = since + TRYING_MS_MAX;
  let best: NextAttempt | null = null;
  for (let target = 0; target < targets; target += 1) {
    const ready = readyAt(tries.filter((made) => made.target === target));
    const at = ready === null ? null : Math.max(earliest, ready);
    if (at === null || at > latest || (best && best.at <= at)) continue;
    best = { target, at: Instant.parse(at) };
  }
  return best;
}

/** When a target may be tried again, regardless of the others. Null: never. */
function readyAt(made: readonly PastAttempt[]): number | null {
  const last = made.at(-1);
  if (!last) return 0;
  const { ended } = last;
  if (!ended || ended.retry !== 'anywhere' || made.length >= TRIES_OF_TARGET_MAX) return null;
  const { retryAfterMs } = ended;
  if (retryAfterMs !== null && retryAfterMs > RETRY_AFTER_MS_MAX) return null;
  const backOffMs = BACK_OFF_MS * 2 ** (made.length - 1) * (1 + ended.chance);
  return Math.ceil(ended.at + Math.max(backOffMs, retryAfterMs ?? 0));
}

/** When the budgets allow one more attempt. */
const budgetAt = (starts: readonly Instant[]): number =>
  Math.max(...BUDGETS.map(({ ms, tries }) => (starts.at(-tries) ?? -ms) + ms));
