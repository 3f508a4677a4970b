import { WorkerEntrypoint } from 'cloudflare:workers';
import { ApiMetrics, type ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import { dataPointOf } from './data-point.ts';

/** Named here, not taken from the generated `Env`: the gateway's types import this file, and have an `Env` of their own. */
type Bindings = { readonly O11Y_API_METRICS: AnalyticsEngineDataset };

/** Takes metrics from other workers by RPC. It has no public route. */
export default class extends WorkerEntrypoint<Bindings> {
  override fetch(): Response {
    return Response.json({ success: false, error: 'Not found' }, { status: 404 });
  }

  /** Throws when the metrics do not have the agreed shape. Resolves when they are written. */
  async ingestApiMetrics(metrics: ApiMetricsInput): Promise<void> {
    this.env.O11Y_API_METRICS.writeDataPoint(dataPointOf(ApiMetrics.parse(metrics)));
  }
}
