import { parseJson } from '@gateway/worker-utils/json';
import type { Sql } from '@gateway/worker-utils/sql';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Turn } from '../../pipeline/stages/reserve.ts';
import type { FreeUse } from '../../pipeline/stages/throttle.ts';
import { isForgotten, look, take, type Tracked, unused } from './tracker.ts';

export type Use = {
  readonly id: string;
  readonly address: string;
  readonly model: string;
  readonly user: string | null;
};
type PendingUse = Use & { readonly at: Instant };

/** The free use of one address, on disk: one row of counts, and the uses that Postgres does not have yet. */
export type Limiter = {
  readonly look: (now: Instant) => FreeUse;
  /** Checks, counts and keeps the use without waiting for anything: no other call comes between. */
  readonly take: (use: Use, now: Instant) => Turn;
  /** The oldest, as many as are written at once. */
  readonly pending: () => readonly PendingUse[];
  readonly written: (uses: readonly Pick<Use, 'id'>[]) => void;
  readonly isForgotten: (now: Instant) => boolean;
};

const PENDING_MAX_AT_ONCE = 500;

const Counts = z.record(z.string(), z.int().nonnegative());
const StoredCounts = z.object({ free: Counts, promotion: Counts });
const TrackedRow = z.object({ counts: z.string() });
const PendingRow = z.object({
  id: z.string(),
  address: z.string(),
  model: z.string(),
  user: z.string().nullable(),
  at: z.number().pipe(Instant),
});

export function openLimiter(sql: Sql): Limiter {
  createTables(sql);
  let tracked = trackedIn(sql);
  const keep = (next: Tracked): void => {
    tracked = next;
    const statement = 'INSERT OR REPLACE INTO tracked (id, counts) VALUES (1, ?)';
    sql.all(statement, JSON.stringify(next));
  };
  return {
    look: (now) => look(tracked, now),
    take({ id, address, model, user }, now) {
      const { turn, tracked: next } = take(tracked, { now, isAnonymous: user === null });
      if (!turn.isTaken) return turn;
      keep(next);
      sql.all('INSERT INTO pending VALUES (?, ?, ?, ?, ?)', id, address, model, user, now);
      return turn;
    },
    pending: () =>
      sql
        .all('SELECT id, address, model, user, at FROM pending LIMIT ?', PENDING_MAX_AT_ONCE)
        .map((row) => PendingRow.parse(row)),
    written(uses) {
      for (const { id } of uses) sql.all('DELETE FROM pending WHERE id = ?', id);
    },
    isForgotten: (now) => isForgotten(tracked, now),
  };
}

function createTables(sql: Sql): void {
  sql.all('CREATE TABLE IF NOT EXISTS tracked (id INTEGER PRIMARY KEY, counts TEXT NOT NULL)');
  sql.all(
    'CREATE TABLE IF NOT EXISTS pending (id TEXT PRIMARY KEY, address TEXT, model TEXT, user TEXT, at INTEGER)',
  );
}

function trackedIn(sql: Sql): Tracked {
  const [row] = sql.all('SELECT counts FROM tracked');
  if (row === undefined) return unused;
  const json = parseJson(TrackedRow.parse(row).counts);
  return StoredCounts.parse(json.ok ? json.value : null);
}
