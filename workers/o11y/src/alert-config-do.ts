import { DurableObject } from 'cloudflare:workers';
import type { Instant } from '@gateway/worker-utils/time';
import type { ErrorRateConfig, TtfbConfig } from './alerting/alert-config.ts';
import { errorRateConfigTable, ttfbConfigTable } from './alerting/alert-config-table.ts';
import { failingTable } from './alerting/failing-table.ts';
import { sentAlertTable } from './alerting/sent-alert-table.ts';
import { sqlOf } from '@gateway/worker-utils/sql';

/** What is to be alerted, and what was: one object for all models. */
export class AlertConfigDO extends DurableObject<unknown> {
  readonly #errorRate = errorRateConfigTable(sqlOf(this.ctx.storage.sql));
  readonly #ttfb = ttfbConfigTable(sqlOf(this.ctx.storage.sql));
  readonly #sent = sentAlertTable(sqlOf(this.ctx.storage.sql));
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

  lastSent(key: string): Instant | null {
    return this.#sent.lastSent(key);
  }

  recordSent(key: string, now: Instant): void {
    this.#sent.record(key, now);
  }

  failingSince(): Instant | null {
    return this.#failing.since();
  }

  setFailingSince(since: Instant | null): void {
    this.#failing.set(since);
  }
}
