import { DurableObject } from 'cloudflare:workers';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Bindings } from './bindings.ts';
import { itemTable } from './ingest/item-table.ts';
import { metaTable } from './ingest/meta-table.ts';
import { pieceStream } from './ingest/piece-stream.ts';
import { snapshotPieces } from './ingest/snapshot-pieces.ts';
import { type Batch, takeItems } from './ingest/take-items.ts';
import type { SessionMetadata } from './items/session-metadata.ts';
import { consoleLog, kindOf } from './log.ts';
import { reportMetrics } from './metrics/report-metrics.ts';
import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';

/** Far beyond any session, and far below what an object may hold. */
const SESSION_BYTES_MAX = 1024 * 1024 * 1024;

/** Longer than o11y ever takes: given up too soon, a report would be sent twice. */
const REPORT_MS_MAX = 60_000;

export type Ingested =
  | {
      readonly kind: 'ingested';
      readonly metadata: SessionMetadata;
      /** What the whole session takes now. */
      readonly bytes: number;
    }
  | { readonly kind: 'session-full' };

/** All items of one session. */
export class SessionIngestDO extends DurableObject<Bindings> {
  readonly #sql = lazySql(sqlOf(this.ctx.storage.sql));

  async ingest(batch: Batch): Promise<Ingested> {
    const { storage } = this.ctx;
    if (storage.sql.databaseSize > SESSION_BYTES_MAX) return { kind: 'session-full' };
    const when = { now: systemClock.now(), abandonedMs: msOf(this.env.SESSION_ABANDONED_SECONDS) };
    const taken = storage.transactionSync(() => takeItems(this.#tables(), batch, when));
    if (taken.alarmAt !== null) await storage.setAlarm(taken.alarmAt);
    return { kind: 'ingested', metadata: taken.metadata, bytes: storage.sql.databaseSize };
  }

  /** A snapshot is read while the session may go on: each item is as new as the moment when its turn came. */
  export(): ReadableStream<Uint8Array> {
    return pieceStream(snapshotPieces(this.#tables().items));
  }

  override async alarm(): Promise<void> {
    const report = await reportMetrics({
      tables: () => this.#tables(),
      send: (metrics) =>
        withTimeout(this.env.O11Y.ingestSessionMetrics(metrics), REPORT_MS_MAX, 'o11y'),
      clock: systemClock,
      retryMs: msOf(this.env.METRICS_RETRY_SECONDS),
    });
    if (report.kind !== 'failed') return;
    const { cause, retryAt } = report;
    consoleLog.error('session metrics not reported', { cause: kindOf(cause), retryAt });
    if (retryAt === null) return;
    // The session may have set a nearer one meanwhile.
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > retryAt) await this.ctx.storage.setAlarm(retryAt);
  }

  async clear(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#sql.emptied();
  }

  #tables() {
    return { items: itemTable(this.#sql), meta: metaTable(this.#sql) };
  }
}

const msOf = (seconds: string): number => Number(seconds) * 1_000;
