import { WorkerEntrypoint } from 'cloudflare:workers';
import { ApiMetrics, type ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import { SessionMetrics, type SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { Clock } from '@gateway/worker-utils/time';
import { app } from './app.ts';
import type { Bindings } from './bindings.ts';
import { wiringOf } from './wiring.ts';

export { AlertConfigDO } from './alert-config-do.ts';
export { EmbeddedMetrics } from './embedded-metrics.ts';

/** Takes metrics from other workers by RPC, and serves operators over HTTP. */
export default class extends WorkerEntrypoint<Bindings> {
  protected readonly clock: Clock = systemClock;

  override async fetch(request: Request): Promise<Response> {
    return app.fetch(request, this.#wiring().appNeeds);
  }

  /** Every minute. */
  override async scheduled(): Promise<void> {
    await this.#wiring().evaluateAlerts();
  }

  /** Throws when the metrics do not have the agreed shape. Resolves when they are written. */
  async ingestApiMetrics(metrics: ApiMetricsInput): Promise<void> {
    await this.#wiring().ingestApiMetrics(ApiMetrics.parse(metrics));
  }

  /** Throws when the metrics do not have the agreed shape. Resolves when they are written. */
  async ingestSessionMetrics(metrics: SessionMetricsInput): Promise<void> {
    await this.#wiring().ingestSessionMetrics(SessionMetrics.parse(metrics));
  }

  #wiring = () => wiringOf(this.env, this.clock);
}
