import { WorkerEntrypoint } from 'cloudflare:workers';
import { ApiMetrics, type ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import { SessionMetrics, type SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { Clock } from '@gateway/worker-utils/time';
import { app } from './app.ts';
import type { Bindings } from './bindings.ts';
import { continueTrace } from './continue-trace.ts';
import { wiringOf } from './wiring.ts';

export { AlertConfigDO } from './alert-config-do.ts';
export { EmbeddedMetrics } from './embedded-metrics.ts';

/** Takes metrics from other workers by RPC, and serves operators over HTTP. */
export default class extends WorkerEntrypoint<Bindings> {
  protected readonly clock: Clock = systemClock;

  override async fetch(request: Request): Promise<Response> {
    // Not traced: whoever has no token could record what they like, under any path.
    return app.fetch(request, this.#wiring().appNeeds);
  }

  /** Every minute. */
  override async scheduled(): Promise<void> {
    await this.#wiring().evaluateAlerts();
  }

  /**
   * Throws when the metrics do not have the agreed shape, or when a dataset or a stream did not take them. Where this worker
   * keeps metrics itself, they are counted within a second.
   * @param traceparent of the caller, whose trace goes on here.
   */
  async ingestApiMetrics(metrics: ApiMetricsInput, traceparent?: string | null): Promise<void> {
    await this.#traced('ingestApiMetrics', traceparent, async () =>
      this.#wiring().ingestApiMetrics(ApiMetrics.parse(metrics)),
    );
  }

  /** As `ingestApiMetrics`. */
  async ingestSessionMetrics(
    metrics: SessionMetricsInput,
    traceparent?: string | null,
  ): Promise<void> {
    await this.#traced('ingestSessionMetrics', traceparent, async () =>
      this.#wiring().ingestSessionMetrics(SessionMetrics.parse(metrics)),
    );
  }

  #wiring = () =>
    wiringOf(this.env, {
      clock: this.clock,
      background: (work) => this.ctx.waitUntil(work),
    });

  #traced<T>(
    name: string,
    traceparent: string | null | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const waitUntil = (sending: Promise<unknown>) => this.ctx.waitUntil(sending);
    return continueTrace({ env: this.env, waitUntil }, { name, traceparent, isOurs: true }, work);
  }
}
