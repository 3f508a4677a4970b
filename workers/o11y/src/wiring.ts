import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { AppNeeds } from './app.ts';
import type { Bindings } from './bindings.ts';
import { globalAlerts } from './global-alerts.ts';
import { apiMetricsPoint } from './ingest/api-metrics-point.ts';
import { apiMetricsRow } from './ingest/api-metrics-row.ts';
import { sessionMetricsPoint } from './ingest/session-metrics-point.ts';
import { sessionMetricsRow } from './ingest/session-metrics-row.ts';
import { writeAll } from './ingest/write-all.ts';
import { jsonLog } from '@gateway/worker-utils/json-log';
import { metricsStoreOf } from './metrics-store.ts';
import { runAlerts } from './run-alerts.ts';
import { secretOf } from './secret-of.ts';
import { systemClock } from '@gateway/worker-utils/system-clock';

// From the platform's bindings to what the rest asks for.

export async function ingestApiMetrics(env: Bindings, metrics: ApiMetrics): Promise<void> {
  const now = systemClock.now();
  await writeAll({
    points: () => env.O11Y_API_METRICS.writeDataPoint(apiMetricsPoint(metrics)),
    stream: () => env.API_METRICS_STREAM?.send([apiMetricsRow(metrics, now)]),
    store: async () => {
      const store = metricsStoreOf(env);
      if (store.kind === 'embedded') await store.object().write(metrics);
    },
  });
}

export async function ingestSessionMetrics(env: Bindings, metrics: SessionMetrics): Promise<void> {
  const now = systemClock.now();
  await writeAll({
    points: () => env.O11Y_SESSION_METRICS.writeDataPoint(sessionMetricsPoint(metrics)),
    stream: () => env.SESSION_METRICS_STREAM?.send([sessionMetricsRow(metrics, now)]),
  });
}

/** The cron of a deployment. On one machine the embedded store has an alarm instead: two evaluations at once would page twice. */
export async function evaluateEveryMinute(env: Bindings): Promise<void> {
  const store = metricsStoreOf(env);
  if (store.kind === 'embedded') return;
  const { errors } = await runAlerts(env, { counts: store.answers, now: systemClock.now() });
  if (errors.length === 0) return;
  const list = errors.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  // Thrown, so that the platform marks this run as failed.
  throw new AggregateError(
    errors,
    `Alert evaluation failed with ${errors.length} error(s): ${list.join('; ')}`,
  );
}

export function appNeeds(env: Bindings): AppNeeds {
  const { errorRate, ttfb } = globalAlerts(env);
  const store = metricsStoreOf(env);
  return {
    adminToken: () => secretOf(env.O11Y_KILO_GATEWAY_CLIENT_SECRET),
    ingestApiMetrics: (metrics) => ingestApiMetrics(env, metrics),
    errorRateConfigs: errorRate,
    ttfbConfigs: ttfb,
    baselines: store.answers,
    totals: async () => (store.kind === 'embedded' ? store.object().totals() : null),
    clock: systemClock,
    log: jsonLog({}),
  };
}
