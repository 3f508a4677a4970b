import { DurableObject } from 'cloudflare:workers';
import { recordFreeModelUse } from '@gateway/db';
import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { type Limiter, openLimiter, type Use } from '../../policy/free-use/limiter.ts';
import type { FreeUse } from '../../pipeline/stages/throttle.ts';
import type { Turn } from '../../pipeline/stages/reserve.ts';
import { withDatabase } from '../postgres/database.ts';

const FLUSH_AFTER_MS = 1_000;
const FLUSH_RETRY_MS = 30_000;
const FORGET_AFTER_MS = 25 * 60 * 60 * 1000;

/** The free use of one address. The rules are in `free-use/`; this gives them disk and time, and takes the uses to Postgres. */
export class RateLimiter extends DurableObject<Env> {
  readonly #sql = lazySql(sqlOf(this.ctx.storage.sql));
  #limiter: Limiter = openLimiter(this.#sql);

  look(): FreeUse {
    return this.#limiter.look(systemClock.now());
  }

  async take(use: Omit<Use, 'id'>): Promise<Turn> {
    const now = systemClock.now();
    const turn = this.#limiter.take({ id: crypto.randomUUID(), ...use }, now);
    if (turn.isTaken) await this.#wakeAt(now + FLUSH_AFTER_MS);
    return turn;
  }

  /** Never throws: an alarm that throws is retried a few times and then dropped. */
  override async alarm(): Promise<void> {
    const isFlushed = await this.#flush();
    const now = systemClock.now();
    if (!isFlushed) return this.ctx.storage.setAlarm(now + FLUSH_RETRY_MS);
    if (this.#limiter.pending().length > 0) return this.ctx.storage.setAlarm(now);
    if (!this.#limiter.isForgotten(now)) return this.#wakeAt(now + FORGET_AFTER_MS);
    // No use may be counted in between: it would be deleted with the rest.
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.deleteAll();
      this.#sql.emptied();
      this.#limiter = openLimiter(this.#sql);
    });
  }

  /** Whether Postgres has taken the oldest uses. Writing one twice is harmless: its id is its key there. */
  async #flush(): Promise<boolean> {
    const uses = this.#limiter.pending();
    if (uses.length === 0) return true;
    const rows = uses.map(({ id, address, model, user, at }) => ({
      id,
      ip_address: address,
      model,
      kilo_user_id: user,
      created_at: at,
    }));
    try {
      await withDatabase(this.env, (database) => recordFreeModelUse(database, rows));
    } catch {
      return false;
    }
    this.#limiter.written(uses);
    return true;
  }

  /** An alarm that is already set for earlier stays: a busy address must not push its flush away. */
  async #wakeAt(at: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }
}
