import { DurableObject } from 'cloudflare:workers';
import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import type { Instant } from '@gateway/worker-utils/time';
import type { DimensionCounts } from './alerting/breaches.ts';
import type { Question } from './alerting/objective.ts';
import type { Bindings } from './bindings.ts';
import { jsonLog } from '@gateway/worker-utils/json-log';
import type { ErrorRateBaseline, TtfbBaseline } from './metrics/baseline.ts';
import { errorRateEmbedded, ttfbEmbedded } from './metrics/baseline-embedded.ts';
import { countEmbedded } from './metrics/count-embedded.ts';
import { createTables } from './metrics/embedded-tables.ts';
import { pruneEmbedded } from './metrics/prune-embedded.ts';
import { type Totals, totalsEmbedded } from './metrics/totals.ts';
import { writeEmbedded } from './metrics/write-embedded.ts';
import { runAlerts } from './run-alerts.ts';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';

const log = jsonLog({});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The longest alert window: after as long without a request, there is nothing to evaluate. */
const AWAKE_MS = 6 * HOUR_MS;

/**
 * Answers on one machine what Analytics Engine answers elsewhere. It is also the cron of that machine: its alarm evaluates
 * the alerts every minute, from the first request on.
 */
export class EmbeddedMetrics extends DurableObject<Bindings> {
  readonly #sql = sqlOf(this.ctx.storage.sql);
  #prunedAt = 0;
  #writtenAt = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    createTables(this.#sql);
  }

  async write(metrics: ApiMetrics): Promise<void> {
    const now = systemClock.now();
    writeEmbedded(this.#sql, metrics, now);
    this.#writtenAt = now;
    if ((await this.ctx.storage.getAlarm()) === null) await this.#wakeNextMinute(now);
  }

  count(question: Question, since: Instant): DimensionCounts[] {
    return [...countEmbedded(this.#sql, question, since)];
  }

  errorRate(model: string): ErrorRateBaseline | null {
    return errorRateEmbedded(this.#sql, { model, now: systemClock.now() });
  }

  ttfb(model: string): TtfbBaseline | null {
    return ttfbEmbedded(this.#sql, { model, now: systemClock.now() });
  }

  totals(): Totals {
    return totalsEmbedded(this.#sql);
  }

  /** Never throws: an alarm that throws is retried a few times and then dropped. The next one is set first. */
  override async alarm(): Promise<void> {
    const now = systemClock.now();
    if (this.#isAwake(now)) await this.#wakeNextMinute(now);
    try {
      if (now - this.#prunedAt >= HOUR_MS) {
        this.ctx.storage.transactionSync(() => pruneEmbedded(this.#sql, now));
        this.#prunedAt = now;
      }
      await this.#evaluate(now);
    } catch (cause) {
      log.error('alarm failed', { cause: String(cause) });
    }
  }

  async #evaluate(now: Instant): Promise<void> {
    const count = async (question: Question, since: Instant) => this.count(question, since);
    const { sent, errors } = await runAlerts(this.env, { counts: { count }, now });
    if (sent.length > 0) log.info('alerts sent', { alerts: sent.length });
    for (const cause of errors) log.error('alert failed', { cause: String(cause) });
  }

  /** An object that was restarted does not know when it was last written to: its rows do. */
  #isAwake(now: Instant): boolean {
    if (now - this.#writtenAt < AWAKE_MS) return true;
    return this.#sql.all('SELECT 1 FROM bucket WHERE at >= ? LIMIT 1', now - AWAKE_MS).length > 0;
  }

  async #wakeNextMinute(now: Instant): Promise<void> {
    await this.ctx.storage.setAlarm(now - (now % MINUTE_MS) + MINUTE_MS);
  }
}
