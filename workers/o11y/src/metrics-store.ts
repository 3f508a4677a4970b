import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { Log } from '@gateway/worker-utils/json-log';
import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { Clock } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { WindowCounts } from './alerting/evaluate-alerts.ts';
import type { ObjectiveModels } from './alerting/objective-models.ts';
import type { Bindings } from './bindings.ts';
import { analyticsEngine } from './metrics/analytics-engine.ts';
import { queryAnalyticsEngine } from './metrics/analytics-engine-query.ts';
import type { Baselines } from './metrics/baseline.ts';
import type { Totals } from './metrics/totals.ts';
import type { ToldMetrics } from './metrics/write-embedded.ts';
import { post } from './post.ts';
import { secretOf } from './secret-of.ts';

/** Where questions about the past are asked. */
export type MetricsStore =
  | { readonly kind: 'analytics-engine'; readonly answers: WindowCounts & Baselines }
  | {
      readonly kind: 'embedded';
      readonly answers: WindowCounts & Baselines;
      readonly totals: () => Promise<Totals>;
      readonly write: (metrics: ApiMetrics) => Promise<void>;
      readonly writeSession: (metrics: SessionMetrics) => Promise<void>;
    };

type Needs = {
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  /** Keeps the worker alive for what its caller does not wait for. */
  readonly background: (work: Promise<void>) => void;
  readonly log: Log;
  readonly objectives: ObjectiveModels;
};

/** What came since the object was last told. Plain values: whichever request tells it, tells it all. */
const untold: ToldMetrics[] = [];
/** An answer is counted a little later rather than each with a call and a write of its own. What dies with an isolate is not missed. */
const TOLD_EVERY_MS = 1_000;
const UNTOLD_MAX = 500;

const Kind = z.enum(['analytics-engine', 'embedded']);

export function metricsStoreOf(env: Bindings, needs: Needs): MetricsStore {
  const kind = Kind.parse(env.O11Y_METRICS_STORE);
  switch (kind) {
    case 'analytics-engine':
      return { kind, answers: engineOf(env, needs.clock) };
    case 'embedded':
      return embeddedStore(() => env.EMBEDDED_METRICS.getByName('global'), needs);
  }
}

/** The object that keeps metrics, as far as it is asked here. */
type Keeper = WindowCounts &
  Baselines & {
    readonly totals: () => Promise<Totals>;
    readonly write: (told: ToldMetrics[], objectives: string[]) => Promise<void>;
    readonly writeSession: (metrics: SessionMetrics) => Promise<void>;
  };

/** @param object a new stub for each call: one that failed stays broken. */
export function embeddedStore(
  object: () => Keeper,
  { clock, pause, background, log, objectives }: Needs,
): Extract<MetricsStore, { kind: 'embedded' }> {
  const tell = async (): Promise<void> => {
    if (untold.length === 0) return;
    const watched = [...(await objectives())];
    const all = untold.splice(0);
    if (all.length > 0) await object().write(all, watched);
  };
  const tellSoon = async (): Promise<void> => {
    await pause(TOLD_EVERY_MS);
    await tell().catch((cause: unknown) => log.warn('metrics not kept', { cause: String(cause) }));
  };
  /** Whoever asks hears of all that came before. */
  const ask = async <T>(question: (object: Keeper) => Promise<T>): Promise<T> => {
    await tell();
    return question(object());
  };
  return {
    kind: 'embedded',
    answers: {
      count: (asked, since) => ask(async (metrics) => metrics.count(asked, since)),
      errorRate: (model) => ask(async (metrics) => metrics.errorRate(model)),
      ttfb: (model) => ask(async (metrics) => metrics.ttfb(model)),
    },
    totals: () => ask(async (metrics) => metrics.totals()),
    async write(metrics) {
      untold.push({ metrics, at: clock.now() });
      if (untold.length === 1) background(tellSoon());
      if (untold.length >= UNTOLD_MAX) await tell();
    },
    writeSession: async (metrics) => object().writeSession(metrics),
  };
}

function engineOf(env: Bindings, clock: Clock): WindowCounts & Baselines {
  const needs = {
    accountId: env.O11Y_CF_ACCOUNT_ID,
    token: () => secretOf(env, 'O11Y_CF_AE_API_TOKEN'),
    post,
  };
  return analyticsEngine({ query: (sql) => queryAnalyticsEngine(needs, sql), clock });
}
