import { z } from 'zod';
import type { WindowCounts } from './alerting/evaluate-alerts.ts';
import type { Bindings } from './bindings.ts';
import { analyticsEngine } from './metrics/analytics-engine.ts';
import { queryAnalyticsEngine } from './metrics/analytics-engine-query.ts';
import type { Baselines } from './metrics/baseline.ts';
import type { EmbeddedMetrics } from './embedded-metrics.ts';
import { post } from './post.ts';
import { secretOf } from './secret-of.ts';
import type { Clock } from '@gateway/worker-utils/time';

/** Where questions about the past are asked. */
export type MetricsStore =
  | { readonly kind: 'analytics-engine'; readonly answers: WindowCounts & Baselines }
  | {
      readonly kind: 'embedded';
      readonly answers: WindowCounts & Baselines;
      readonly object: () => DurableObjectStub<EmbeddedMetrics>;
    };

const Kind = z.enum(['analytics-engine', 'embedded']);

export function metricsStoreOf(env: Bindings, clock: Clock): MetricsStore {
  const kind = Kind.parse(env.O11Y_METRICS_STORE);
  switch (kind) {
    case 'analytics-engine':
      return { kind, answers: engineOf(env, clock) };
    case 'embedded': {
      const object = () => env.EMBEDDED_METRICS.getByName('global');
      const answers: WindowCounts & Baselines = {
        count: async (question, since) => object().count(question, since),
        errorRate: async (model) => object().errorRate(model),
        ttfb: async (model) => object().ttfb(model),
      };
      return { kind, answers, object };
    }
  }
}

function engineOf(env: Bindings, clock: Clock): WindowCounts & Baselines {
  const needs = {
    accountId: env.O11Y_CF_ACCOUNT_ID,
    token: () => secretOf(env.O11Y_CF_AE_API_TOKEN),
    post,
  };
  return analyticsEngine({ query: (sql) => queryAnalyticsEngine(needs, sql), clock });
}
