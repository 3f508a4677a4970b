import { DurableObject } from 'cloudflare:workers';
import type { SessionId } from './session-id.ts';
import { sqlOf } from '@gateway/worker-utils/sql';

/** Which sessions a user has, as far as was asked: a batch of a known session needs no Postgres. One object for each user. */
export class SessionAccessCacheDO extends DurableObject<unknown> {
  readonly #sql = sqlOf(this.ctx.storage.sql);

  constructor(...args: ConstructorParameters<typeof DurableObject<unknown>>) {
    super(...args);
    this.#sql.all('CREATE TABLE IF NOT EXISTS sessions (session_id TEXT PRIMARY KEY)');
  }

  has(session: SessionId): boolean {
    return this.#sql.all('SELECT 1 FROM sessions WHERE session_id = ?', session).length > 0;
  }

  add(session: SessionId): void {
    this.#sql.all('INSERT OR IGNORE INTO sessions (session_id) VALUES (?)', session);
  }

  remove(session: SessionId): void {
    this.#sql.all('DELETE FROM sessions WHERE session_id = ?', session);
  }
}
