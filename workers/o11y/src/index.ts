import { WorkerEntrypoint } from 'cloudflare:workers';
import { ApiMetrics, type ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import { SessionMetrics, type SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import { app } from './app.ts';
import type { Bindings } from './bindings.ts';
import { appNeeds, evaluateEveryMinute, ingestApiMetrics, ingestSessionMetrics } from './wiring.ts';

export { AlertConfigDO } from './alert-config-do.ts';
export { EmbeddedMetrics } from './embedded-metrics.ts';

/** Takes metrics from other workers by RPC, and serves operators over HTTP. */
export default class extends WorkerEntrypoint<Bindings> {
  override async fetch(request: Request): Promise<Response> {
    return app.fetch(request, appNeeds(this.env));
  }

  override async scheduled(): Promise<void> {
    await evaluateEveryMinute(this.env);
  }

  /** Throws when the metrics do not have the agreed shape. Resolves when they are written. */
  async ingestApiMetrics(metrics: ApiMetricsInput): Promise<void> {
    await ingestApiMetrics(this.env, ApiMetrics.parse(metrics));
  }

  /** Throws when the metrics do not have the agreed shape. Resolves when they are written. */
  async ingestSessionMetrics(metrics: SessionMetricsInput): Promise<void> {
    await ingestSessionMetrics(this.env, SessionMetrics.parse(metrics));
  }
}
