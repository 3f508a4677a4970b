import { DurableObject } from 'cloudflare:workers';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { ErrorRateConfig, TtfbConfig } from './alerting/alert-config.ts';
import { errorRateConfigTable, ttfbConfigTable } from './alerting/alert-config-table.ts';
import { failingTable } from './alerting/failing-table.ts';
import { type AlertClaim, alertLogTable } from './alerting/alert-log-table.ts';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';

/** What is to be alerted, and what was: one object for all models. */
export class AlertConfigDO extends DurableObject<unknown> {
  /** Its own, not that of a run: of two runs at once, one may be a minute late. */
  protected readonly clock: Clock = systemClock;
  readonly #errorRate = errorRateConfigTable(sqlOf(this.ctx.storage.sql));
  readonly #ttfb = ttfbConfigTable(sqlOf(this.ctx.storage.sql));
  readonly #alerts = alertLogTable(sqlOf(this.ctx.storage.sql));
  readonly #failing = failingTable(sqlOf(this.ctx.storage.sql));

  list(): ErrorRateConfig[] {
    return [...this.#errorRate.list()];
  }

  get(model: string): ErrorRateConfig | null {
    return this.#errorRate.get(model);
  }

  upsert(config: ErrorRateConfig): void {
    this.#errorRate.upsert(config);
  }

  remove(model: string): void {
    this.#errorRate.remove(model);
  }

  listTtfb(): TtfbConfig[] {
    return [...this.#ttfb.list()];
  }

  getTtfb(model: string): TtfbConfig | null {
    return this.#ttfb.get(model);
  }

  upsertTtfb(config: TtfbConfig): void {
    this.#ttfb.upsert(config);
  }

  removeTtfb(model: string): void {
    this.#ttfb.remove(model);
  }

  claimAlert(claim: AlertClaim): boolean {
    return this.#alerts.claim(claim, this.clock.now());
  }

  recordAlert(key: string): void {
    this.#alerts.record(key, this.clock.now());
  }

  releaseAlert(key: string): void {
    this.#alerts.release(key);
  }

  failingSince(): Instant | null {
    return this.#failing.since();
  }

  setFailingSince(since: Instant | null): void {
    this.#failing.set(since);
  }
}
