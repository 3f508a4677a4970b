import { DurableObject } from 'cloudflare:workers';
import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { DimensionCounts } from './alerting/breaches.ts';
import type { Question } from './alerting/objective.ts';
import type { Bindings } from './bindings.ts';
import type { ErrorRateBaseline, TtfbBaseline } from './metrics/baseline.ts';
import { errorRateEmbedded, ttfbEmbedded } from './metrics/baseline-embedded.ts';
import { countEmbedded } from './metrics/count-embedded.ts';
import { createTables } from './metrics/embedded-tables.ts';
import { pruneEmbedded } from './metrics/prune-embedded.ts';
import { type Totals, totalsEmbedded } from './metrics/totals.ts';
import { type ToldMetrics, writeEmbedded } from './metrics/write-embedded.ts';
import { writeSessionEmbedded } from './metrics/write-session-embedded.ts';

const HOUR_MS = 60 * 60_000;

/** Answers on one machine what Analytics Engine answers elsewhere. */
export class EmbeddedMetrics extends DurableObject<Bindings> {
  protected readonly clock: Clock = systemClock;
  readonly #sql = sqlOf(this.ctx.storage.sql);
  #prunedAt = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    createTables(this.#sql);
  }

  /**
   * In the order in which they came, and each for the moment at which it did.
   * @param objectives models that keep their names, however many others there are.
   */
  write(told: readonly ToldMetrics[], objectives: readonly string[]): void {
    const now = this.clock.now();
    // Only what is written makes it larger: where nothing comes, nothing has to go.
    if (now - this.#prunedAt >= HOUR_MS) {
      this.ctx.storage.transactionSync(() => pruneEmbedded(this.#sql, now));
      this.#prunedAt = now;
    }
    writeEmbedded(this.#sql, told, new Set(objectives));
  }

  writeSession(metrics: SessionMetrics): void {
    writeSessionEmbedded(this.#sql, metrics);
  }

  count(question: Question, since: Instant): DimensionCounts[] {
    return [...countEmbedded(this.#sql, question, since)];
  }

  errorRate(model: string): ErrorRateBaseline | null {
    return errorRateEmbedded(this.#sql, { model, now: this.clock.now() });
  }

  ttfb(model: string): TtfbBaseline | null {
    return ttfbEmbedded(this.#sql, { model, now: this.clock.now() });
  }

  totals(): Totals {
    return totalsEmbedded(this.#sql);
  }
}
