import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';
import { silenceMs } from './suppression.ts';

/**
 * When each alert was last sent. A table of the object that holds the configuration, not KV: what one run wrote, the next
 * one surely reads, a key may be of any length, and one machine needs no KV.
 */
export type SentAlertTable = {
  readonly lastSent: (key: string) => Instant | null;
  readonly record: (key: string, now: Instant) => void;
};

const Row = z.object({ sent_at: Instant });
/** Longer ago than this, no alert is suppressed by it. */
const KEPT_MS = Math.max(...Object.values(silenceMs));

export function sentAlertTable(sql: Sql): SentAlertTable {
  sql.all('CREATE TABLE IF NOT EXISTS sent_alert (key TEXT PRIMARY KEY, sent_at INTEGER NOT NULL)');
  return {
    lastSent(key) {
      const [row] = sql.all('SELECT sent_at FROM sent_alert WHERE key = ?', key);
      return row === undefined ? null : Row.parse(row).sent_at;
    },
    record: (key, now) => {
      sql.all('INSERT OR REPLACE INTO sent_alert (key, sent_at) VALUES (?, ?)', key, now);
      sql.all('DELETE FROM sent_alert WHERE sent_at < ?', now - KEPT_MS);
    },
  };
}
