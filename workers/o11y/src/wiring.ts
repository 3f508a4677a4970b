import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { AppNeeds } from './app.ts';
import type { Bindings } from './bindings.ts';
import { apiMetricsPoint } from './ingest/api-metrics-point.ts';
import { apiMetricsRow } from './ingest/api-metrics-row.ts';
import { sessionMetricsPoint } from './ingest/session-metrics-point.ts';
import { sessionMetricsRow } from './ingest/session-metrics-row.ts';
import { writeAll } from './ingest/write-all.ts';
import { consoleLog } from './log.ts';
import { secretOf } from './secret-of.ts';
import { systemClock } from './system-clock.ts';

// From the platform's bindings to what the rest asks for. The only file that touches a binding.

export async function ingestApiMetrics(env: Bindings, metrics: ApiMetrics): Promise<void> {
  const now = systemClock.now();
  await writeAll({
    points: () => env.O11Y_API_METRICS.writeDataPoint(apiMetricsPoint(metrics)),
    stream: () => env.API_METRICS_STREAM?.send([apiMetricsRow(metrics, now)]),
  });
}

export async function ingestSessionMetrics(env: Bindings, metrics: SessionMetrics): Promise<void> {
  const now = systemClock.now();
  await writeAll({
    points: () => env.O11Y_SESSION_METRICS.writeDataPoint(sessionMetricsPoint(metrics)),
    stream: () => env.SESSION_METRICS_STREAM?.send([sessionMetricsRow(metrics, now)]),
  });
}

export const appNeeds = (env: Bindings): AppNeeds => ({
  adminToken: () => secretOf(env.O11Y_KILO_GATEWAY_CLIENT_SECRET),
  ingestApiMetrics: (metrics) => ingestApiMetrics(env, metrics),
  log: consoleLog,
});
