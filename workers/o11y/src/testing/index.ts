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
    try {
      for (const minute of z.array(Minute).parse(await request.json())) await this.#pass(minute);
      return new Response();
    } catch (cause) {
      // What the platform would write into the log of a cron that has failed.
      return new Response(String(cause), { status: 500 });
    }
  }

  async #pass({ at, runs, metrics }: z.infer<typeof Minute>): Promise<void> {
    now = at;
    const evaluated = await Promise.allSettled(
      Array.from({ length: runs }, () => this.scheduled()),
    );
    await Promise.all(metrics.map((one) => this.ingestApiMetrics(one)));
    for (const run of evaluated) if (run.status === 'rejected') throw run.reason;
  }
}
