import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';
import { isSuppressed, silenceMs } from './suppression.ts';
import type { Severity } from './windows.ts';

/** One alert of a dimension, with the keys of both that the dimension may have. */
export type AlertClaim = {
  readonly severity: Severity;
  readonly keys: Readonly<Record<Severity, string>>;
};

/**
 * Which alerts were sent, and which are being sent. A table of the object that holds the configuration, not KV: it decides
 * in one turn, so that of two runs at once only one sends; a key may be of any length; and one machine needs no KV.
 */
export type AlertLogTable = {
  /** Whether the caller may send it. True only once, until it is recorded, released, or the claim has run out. */
  readonly claim: (claim: AlertClaim, now: Instant) => boolean;
  /** It was sent. */
  readonly record: (key: string, now: Instant) => void;
  /** It could not be sent: the next run may try. */
  readonly release: (key: string) => void;
};

const Row = z.object({ at: Instant });
/** Longer ago than this, no alert is suppressed by it. */
const KEPT_MS = Math.max(...Object.values(silenceMs));
/** Sending takes seconds. A run that has died with its claim delays an alert by this much, and loses none. */
const CLAIM_MS = 60_000;

export function alertLogTable(sql: Sql): AlertLogTable {
  sql.all('CREATE TABLE IF NOT EXISTS sent_alert (key TEXT PRIMARY KEY, sent_at INTEGER NOT NULL)');
  sql.all(
    'CREATE TABLE IF NOT EXISTS claimed_alert (key TEXT PRIMARY KEY, until INTEGER NOT NULL)',
  );
  const instantOf = (statement: string, key: string): Instant | null => {
    const [row] = sql.all(statement, key);
    return row === undefined ? null : Row.parse(row).at;
  };
  const lastSent = (key: string) =>
    instantOf('SELECT sent_at AS at FROM sent_alert WHERE key = ?', key);
  const claimedUntil = (key: string) =>
    instantOf('SELECT until AS at FROM claimed_alert WHERE key = ?', key) ?? 0;
  const release = (key: string): void => {
    sql.all('DELETE FROM claimed_alert WHERE key = ?', key);
  };

  return {
    claim({ severity, keys }, now) {
      const sent = { page: lastSent(keys.page), ticket: lastSent(keys.ticket) };
      if (isSuppressed(severity, sent, now)) return false;
      // A page on its way speaks for tickets as one that was sent does.
      const claimed = severity === 'ticket' ? [keys.page, keys.ticket] : [keys.page];
      if (claimed.some((key) => claimedUntil(key) > now)) return false;
      const until = now + CLAIM_MS;
      sql.all(
        'INSERT OR REPLACE INTO claimed_alert (key, until) VALUES (?, ?)',
        keys[severity],
        until,
      );
      return true;
    },
    record(key, now) {
      release(key);
      sql.all('INSERT OR REPLACE INTO sent_alert (key, sent_at) VALUES (?, ?)', key, now);
      sql.all('DELETE FROM sent_alert WHERE sent_at < ?', now - KEPT_MS);
      sql.all('DELETE FROM claimed_alert WHERE until <= ?', now);
    },
    release,
  };
}
