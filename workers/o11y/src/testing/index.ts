import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { type Clock, Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import RealO11y, {
  AlertConfigDO as RealAlertConfigDO,
  EmbeddedMetrics as RealEmbeddedMetrics,
} from '../index.ts';

// The worker as it is deployed, under a clock that a test moves: a day of traffic takes seconds.

let now = Instant.parse(0);
const clock: Clock = { now: () => now };

export class AlertConfigDO extends RealAlertConfigDO {
  protected override readonly clock = clock;
}

export class EmbeddedMetrics extends RealEmbeddedMetrics {
  protected override readonly clock = clock;
}

/** One minute: its cron, in so many runs at once, and the traffic after it. */
const Minute = z.object({
  at: Instant,
  runs: z.int().positive(),
  metrics: z.array(ApiMetrics),
});

export default class extends RealO11y {
  protected override readonly clock = clock;

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/minutes') return super.fetch(request);
    for (const { at, runs, metrics } of z.array(Minute).parse(await request.json())) {
      now = at;
      await Promise.all(Array.from({ length: runs }, () => this.scheduled()));
      await Promise.all(metrics.map((one) => this.ingestApiMetrics(one)));
    }
    return new Response();
  }
}
