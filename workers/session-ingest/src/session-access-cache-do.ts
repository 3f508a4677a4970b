import { DurableObject } from 'cloudflare:workers';
import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { sqlOf } from '@gateway/worker-utils/sql';
import type { Bindings } from './bindings.ts';
import type { SessionId } from './session-id.ts';
import { type SessionQuota, type UserSessions, userSessions } from './sessions/user-sessions.ts';

/**
 * Which sessions a user has, as far as was asked, and how much they keep: a batch of a known session needs no Postgres, and all
 * writers of a user share one quota. One object for each user.
 */
export class SessionAccessCacheDO extends DurableObject<Bindings> {
  readonly #sql = lazySql(sqlOf(this.ctx.storage.sql));
  #sessions: UserSessions = userSessions(this.#sql);

  has(session: SessionId): boolean {
    return this.#sessions.has(session);
  }

  add(session: SessionId): void {
    this.#sessions.add(session);
  }

  mayCreate(session: SessionId): boolean {
    return this.#sessions.mayCreate(session, this.#quota());
  }

  giveUp(session: SessionId): void {
    this.#sessions.giveUp(session);
  }

  mayStore(session: SessionId, bytes: number): boolean {
    return this.#sessions.mayStore({ session, bytes }, this.#quota());
  }

  stored(session: SessionId, bytes: number, size: number | null): void {
    this.#sessions.stored({ session, bytes }, size);
  }

  remove(session: SessionId): boolean {
    return this.#sessions.remove(session);
  }

  async cleared(session: SessionId): Promise<void> {
    this.#sessions.cleared(session);
    if (!this.#sessions.isEmpty()) return;
    // Nobody may write in between.
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.deleteAll();
      this.#sql.emptied();
      this.#sessions = userSessions(this.#sql);
    });
  }

  #quota(): SessionQuota {
    const { SESSION_BYTES_MAX_PER_USER, SESSIONS_MAX_PER_USER } = this.env;
    return {
      bytesMax: Number(SESSION_BYTES_MAX_PER_USER),
      sessionsMax: Number(SESSIONS_MAX_PER_USER),
    };
  }
}
