import { Instant } from '@gateway/worker-utils/time';
import type { RetryScope } from './retry-scope.ts';

/** One call to a target, as far as it is decided by whether there is another. */
export type PastAttempt = {
  /** Its place in the plan. */
  readonly target: number;
  readonly startedAt: Instant;
  /** Whether another target was still untried when it began: then its first token must not be late. */
  readonly isLimited: boolean;
  /** Null: it is still running. */
  readonly ended: Ended | null;
};
type Ended = {
  readonly at: Instant;
  readonly retry: RetryScope;
  /** What the target asks to wait. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1: of many that failed at once, not all come back at once. */
  readonly chance: number;
};

/** In any such time, no more tries begin than this, over all targets. */
const BUDGETS = [
  { ms: 1500, tries: 2 },
  { ms: 3000, tries: 4 },
] as const;
const TRIES_MAX = 6;
const TRIES_OF_TARGET_MAX = 3;
/** After there was none, none begins later than this. */
const TRYING_MS_MAX = 30_000;
const BACK_OFF_MS = 300;
/** What a target asks to wait is waited for, up to here; beyond, it is not asked again. */
const RETRY_AFTER_MS_MAX = 5000;

type Limits = {
  readonly targets: number;
  /** When a first token is late. */
  readonly lateMs: number;
  /** Since when there is no answer. */
  readonly since: Instant;
};
export type NextAttempt = { readonly target: number; readonly at: Instant };

/**
 * The next target to try, and when: at once for one that is untried, after some time for one that failed. One that is silent
 * is left running when the next begins. Null: there is nothing left to try.
 */
export function nextAttempt(
  tries: readonly PastAttempt[],
  { targets, lateMs, since }: Limits,
): NextAttempt | null {
  if (tries.length === 0) return { target: 0, at: Instant.parse(0) };
  if (tries.length >= TRIES_MAX) return null;
  const running = tries.filter(({ ended }) => ended === null);
  // The last target may take its time: models that think are slow by nature.
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

/** When a target may be tried again, whatever the others do. Null: never. */
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

/** When one more may begin. */
const budgetAt = (starts: readonly Instant[]): number =>
  Math.max(...BUDGETS.map(({ ms, tries }) => (starts.at(-tries) ?? -ms) + ms));
