import { WorkerEntrypoint } from 'cloudflare:workers';
import { ApiMetrics, type ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import type { RequestTrace } from '@gateway/worker-utils/request-trace';
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
    const name = `${request.method} ${new URL(request.url).pathname}`;
    const traceparent = request.headers.get('traceparent');
    return this.#traced(name, traceparent, async (trace) => {
      const response = await app.fetch(request, this.#wiring().appNeeds);
      trace.answered(response.status);
      return response;
    });
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
    work: (trace: RequestTrace) => Promise<T>,
  ): Promise<T> {
    const waitUntil = (sending: Promise<unknown>) => this.ctx.waitUntil(sending);
    return continueTrace({ env: this.env, waitUntil }, { name, traceparent }, work);
  }
}
