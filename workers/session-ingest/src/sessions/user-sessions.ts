import type { Sql } from '@gateway/worker-utils/sql';
import { z } from 'zod';
import type { SessionId } from '../session-id.ts';

/** What one user may keep. */
export type SessionQuota = {
  /** Of all sessions together, as SQLite stores them. */
  readonly bytesMax: number;
  /** Of those that this object knows: it learns of an older one when it is used. */
  readonly sessionsMax: number;
};

/** The sessions of one user: which there are, as far as was asked, and how much each of them keeps. */
export type UserSessions = {
  readonly has: (session: SessionId) => boolean;
  readonly add: (session: SessionId) => void;
  /** Whether there is room for one more. A session that is there has room. Counts it from now on, until `add` or `giveUp`. */
  readonly mayCreate: (session: SessionId, quota: SessionQuota) => boolean;
  /** The row of a session that `mayCreate` let through was not written. */
  readonly giveUp: (session: SessionId) => void;
  /** Whether so many bytes more may be written for the session. Counts them until `stored` says what became of them. */
  readonly mayStore: (write: Write, quota: SessionQuota) => boolean;
  /** @param size of the session's object after the write. Null: the write failed. */
  readonly stored: (write: Write, size: number | null) => void;
  /** Takes the session from those that are there. False: nothing was known of it, not even of a removal that failed half-way. */
  readonly remove: (session: SessionId) => boolean;
  /** The object of a removed session is empty: nothing is remembered of it, and its bytes are free. */
  readonly cleared: (session: SessionId) => void;
  readonly isEmpty: () => boolean;
};
type Write = { readonly session: SessionId; readonly bytes: number };

const Sum = z.object({ sum: z.number().nullable() });
const Count = z.object({ count: z.number() });

/** What is under way is in memory alone: an object that dies takes its writers' promises with it, and no room is lost. */
export function userSessions(sql: Sql): UserSessions {
  const creating = new Set<SessionId>();
  let pendingBytes = 0;
  createTables(sql);
  const isIn = (table: 'sessions' | 'sizes', session: SessionId): boolean =>
    sql.all(`SELECT 1 FROM ${table} WHERE session_id = ?`, session).length > 0;
  const count = (table: 'sessions' | 'sizes'): number =>
    Count.parse(sql.all(`SELECT COUNT(*) AS count FROM ${table}`)[0] ?? { count: 0 }).count;
  const keptBytes = (): number =>
    Sum.parse(sql.all('SELECT SUM(bytes) AS sum FROM sizes')[0] ?? { sum: 0 }).sum ?? 0;
  return {
    has: (session) => isIn('sessions', session),
    add(session) {
      creating.delete(session);
      sql.all('INSERT OR IGNORE INTO sessions (session_id) VALUES (?)', session);
    },
    mayCreate(session, { sessionsMax }) {
      if (isIn('sessions', session) || creating.has(session)) return true;
      if (count('sessions') + creating.size >= sessionsMax) return false;
      creating.add(session);
      return true;
    },
    giveUp: (session) => void creating.delete(session),
    mayStore({ bytes }, { bytesMax }) {
      if (keptBytes() + pendingBytes + bytes > bytesMax) return false;
      pendingBytes += bytes;
      return true;
    },
    stored({ session, bytes }, size) {
      pendingBytes = Math.max(0, pendingBytes - bytes);
      if (size === null) return;
      // Reports of two writes may come in any order, and a session's object does not shrink.
      sql.all(
        'INSERT INTO sizes VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = MAX(bytes, excluded.bytes)',
        session,
        size,
      );
    },
    remove(session) {
      if (!isIn('sessions', session)) return isIn('sizes', session);
      sql.all('INSERT OR IGNORE INTO sizes VALUES (?, 0)', session);
      sql.all('DELETE FROM sessions WHERE session_id = ?', session);
      return true;
    },
    cleared: (session) => void sql.all('DELETE FROM sizes WHERE session_id = ?', session),
    isEmpty: () => count('sessions') + count('sizes') + creating.size + pendingBytes === 0,
  };
}

function createTables(sql: Sql): void {
  sql.all('CREATE TABLE IF NOT EXISTS sessions (session_id TEXT PRIMARY KEY)');
  sql.all('CREATE TABLE IF NOT EXISTS sizes (session_id TEXT PRIMARY KEY, bytes INTEGER NOT NULL)');
}
