import type { Instant } from '@gateway/worker-utils/time';
import type { Evaluation } from './evaluate-alerts.ts';
import { type AlertLog, sendOnce } from './send-once.ts';

export type WatchNeeds = {
  readonly failing: {
    /** Since when every run has failed in some part; null when the last one did not. */
    readonly since: () => Promise<Instant | null>;
    readonly set: (since: Instant | null) => Promise<void>;
  };
  readonly log: AlertLog;
  readonly notify: (message: string) => Promise<void>;
};

const MINUTE_MS = 60_000;
/** One query that times out is not worth a message. */
const FAILING_MS_MIN = 10 * MINUTE_MS;
const CHARACTERS_MAX = 500;
const KEY = 'o11y:alert:ticket:evaluation';

/** Alerts that can't be evaluated look like a quiet night: somebody is told when that goes on. */
export async function watchEvaluation(
  needs: WatchNeeds,
  { errors }: Evaluation,
  now: Instant,
): Promise<void> {
  const since = await needs.failing.since();
  if (errors.length === 0) {
    if (since !== null) await needs.failing.set(null);
    return;
  }
  if (since === null) return needs.failing.set(now);
  if (now - since < FAILING_MS_MIN) return;
  const claim = { severity: 'ticket', keys: { page: KEY, ticket: KEY } } as const;
  await sendOnce(needs.log, claim, () => needs.notify(messageOf(errors, now - since)));
}

function messageOf(errors: readonly unknown[], failingMs: number): string {
  const [first] = errors;
  const words = (first instanceof Error ? first.message : String(first)).slice(0, CHARACTERS_MAX);
  return `:warning: Alerts have not been evaluated completely for ${Math.round(failingMs / MINUTE_MS)} min. ${errors.length} error(s), the first: ${words}`;
}
