import { Instant } from '@gateway/worker-utils/time';
import type { ErrorRateConfig, TtfbConfig } from './alert-config.ts';
import { type Breach, breachesIn, type DimensionCounts, stillBurning } from './breaches.ts';
import { alertKey } from './dimension.ts';
import {
  errorRateExaminations,
  type Examination,
  type Question,
  ttfbExaminations,
} from './objective.ts';
import { type AlertLog, sendOnce } from './send-once.ts';
import { type BurnWindow, burnWindows } from './windows.ts';

export type AlertNeeds = {
  readonly configs: {
    readonly errorRate: () => Promise<readonly ErrorRateConfig[]>;
    readonly ttfb: () => Promise<readonly TtfbConfig[]>;
  };
  readonly counts: WindowCounts;
  readonly log: AlertLog;
  readonly notify: (breach: Breach) => Promise<void>;
};

/** Requests from `since` on, without those on a user's own key: those are not ours to be woken for. */
export type WindowCounts = {
  readonly count: (question: Question, since: Instant) => Promise<readonly DimensionCounts[]>;
};

export type Evaluation = { readonly sent: readonly Breach[]; readonly errors: readonly unknown[] };

const MINUTE_MS = 60_000;

/**
 * One run of the alerts. Every configuration, window and notification fails alone: one bad webhook, or one query that times
 * out, does not silence another alert.
 */
export async function evaluateAlerts(needs: AlertNeeds, now: Instant): Promise<Evaluation> {
  const sent: Breach[] = [];
  const errors: unknown[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> =>
    work().catch((cause: unknown) => {
      errors.push(cause);
      return null;
    });

  const examinations = [
    ...((await attempt(async () => errorRateExaminations(await needs.configs.errorRate()))) ?? []),
    ...((await attempt(async () => ttfbExaminations(await needs.configs.ttfb()))) ?? []),
  ];
  for (const window of burnWindows) {
    for (const examination of examinations) {
      const breaches = await attempt(() => burning(needs.counts, { window, examination, now }));
      // At once: twenty webhooks that time out one after the other would outlast the minute.
      const alerts = (breaches ?? []).map(async (breach) =>
        (await attempt(() => alert(needs, breach))) === true ? [breach] : [],
      );
      sent.push(...(await Promise.all(alerts)).flat());
    }
  }
  return { sent, errors };
}

type Look = {
  readonly window: BurnWindow;
  readonly examination: Examination;
  readonly now: Instant;
};

/** The short window is asked for only when there is something to confirm. */
async function burning(
  counts: WindowCounts,
  { window, examination, now }: Look,
): Promise<readonly Breach[]> {
  const breachesSince = async (minutes: number) => {
    const rows = await counts.count(examination.question, before(now, minutes));
    return breachesIn(rows, examination, window);
  };
  const long = await breachesSince(window.longMinutes);
  if (long.length === 0) return [];
  return stillBurning(long, await breachesSince(window.shortMinutes));
}

function alert({ log, notify }: AlertNeeds, breach: Breach): Promise<boolean> {
  const { objective, window, counts } = breach;
  const keyOf = (severity: BurnWindow['severity']) =>
    alertKey(severity, objective.question.kind, counts);
  const keys = { page: keyOf('page'), ticket: keyOf('ticket') };
  return sendOnce(log, { severity: window.severity, keys }, () => notify(breach));
}

const before = (now: Instant, minutes: number): Instant =>
  Instant.parse(Math.max(0, now - minutes * MINUTE_MS));
