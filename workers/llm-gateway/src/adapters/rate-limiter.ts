import { DurableObject } from 'cloudflare:workers';
import { recordFreeModelUse } from '@gateway/db';
import { parseJson } from '@gateway/worker-utils/json';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { isForgotten, look, take, type Tracked, unused } from '../free-use/tracker.ts';
import type { FreeUse } from '../stages/throttle.ts';
import type { Turn } from '../stages/reserve.ts';
import { withDatabase } from './database.ts';
import { systemClock } from '@gateway/worker-utils/system-clock';

export type Use = {
  readonly address: string;
  readonly model: string;
  readonly user: string | null;
};

const FLUSH_AFTER_MS = 1_000;
const FLUSH_RETRY_MS = 30_000;
const FORGET_AFTER_MS = 25 * 60 * 60 * 1000;
const FLUSH_ROWS_MAX = 500;

const Counts = z.record(z.string(), z.int().nonnegative());
const Stored = z.object({ free: Counts, promotion: Counts });
const PendingRow = z.object({
  id: z.string(),
  address: z.string(),
  model: z.string(),
  user: z.string().nullable(),
  at: z.number(),
});

function trackedIn(counts: unknown): Tracked {
  const json = parseJson(z.string().parse(counts));
  return Stored.parse(json.ok ? json.value : null);
}

/** The free use of one address. One row of counts, and the rows that Postgres does not have yet. */
export class RateLimiter extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  #tracked: Tracked;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#createTables();
    const [row] = this.#sql.exec('SELECT counts FROM tracked').toArray();
    this.#tracked = row ? trackedIn(row['counts']) : unused;
  }

  look(): FreeUse {
    return look(this.#tracked, systemClock.now());
  }

  /** Checks, counts and keeps the row in one synchronous turn: no other call comes between. */
  async take(use: Use): Promise<Turn> {
    const now = systemClock.now();
    const { turn, tracked } = take(this.#tracked, { now, isAnonymous: use.user === null });
    if (!turn.isTaken) return turn;
    this.#keep(tracked);
    this.#sql.exec(
      'INSERT INTO pending VALUES (?, ?, ?, ?, ?)',
      crypto.randomUUID(),
      use.address,
      use.model,
      use.user,
      now,
    );
    await this.#wakeAt(now + FLUSH_AFTER_MS);
    return turn;
  }

  /** Never throws: an alarm that throws is retried a few times and then dropped. */
  override async alarm(): Promise<void> {
    const isFlushed = await this.#flush();
    const now = systemClock.now();
    if (!isFlushed) return this.ctx.storage.setAlarm(now + FLUSH_RETRY_MS);
    if (this.#pending().length > 0) return this.ctx.storage.setAlarm(now);
    if (!isForgotten(this.#tracked, now)) return this.#wakeAt(now + FORGET_AFTER_MS);
    // No use may be counted in between: it would be deleted with the rest.
    await this.ctx.blockConcurrencyWhile(async () => {
      this.#tracked = unused;
      await this.ctx.storage.deleteAll();
      this.#createTables();
    });
  }

  /** Whether Postgres has taken the oldest rows. Writing one twice is harmless: its id is its key there. */
  async #flush(): Promise<boolean> {
    const rows = this.#pending();
    if (rows.length === 0) return true;
    const uses = rows.map(({ id, address, model, user, at }) => ({
      id,
      ip_address: address,
      model,
      kilo_user_id: user,
      created_at: Instant.parse(at),
    }));
    try {
      await withDatabase(this.env, (database) => recordFreeModelUse(database, uses));
    } catch {
      return false;
    }
    for (const { id } of rows) this.#sql.exec('DELETE FROM pending WHERE id = ?', id);
    return true;
  }

  #pending(): readonly z.infer<typeof PendingRow>[] {
    return this.#sql
      .exec('SELECT id, address, model, user, at FROM pending LIMIT ?', FLUSH_ROWS_MAX)
      .toArray()
      .map((row) => PendingRow.parse(row));
  }

  #createTables(): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS tracked (id INTEGER PRIMARY KEY, counts TEXT NOT NULL)',
    );
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS pending (id TEXT PRIMARY KEY, address TEXT, model TEXT, user TEXT, at INTEGER)',
    );
  }

  #keep(tracked: Tracked): void {
    this.#tracked = tracked;
    this.#sql.exec(
      'INSERT OR REPLACE INTO tracked (id, counts) VALUES (1, ?)',
      JSON.stringify(tracked),
    );
  }

  /** An alarm that is already set for earlier stays: a busy address must not push its flush away. */
  async #wakeAt(at: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }
}
