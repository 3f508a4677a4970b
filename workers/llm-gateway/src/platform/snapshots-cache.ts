import { keepNewest } from '@gateway/worker-utils/keep-newest';
import type { Log } from '@gateway/worker-utils/json-log';
import { microUsdOf } from '@gateway/worker-utils/money';
import { err, ok } from '@gateway/worker-utils/result';
import type { Clock } from '@gateway/worker-utils/time';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Snapshot } from '../exchange/caller.ts';
import { spendableOf } from '../policy/spendable.ts';
import type { Snapshots } from '../pipeline/stages/identify.ts';

type Needs = {
  readonly source: Snapshots;
  /** Of this isolate. Plain values, so that requests may share it. */
  readonly cache: SnapshotCache;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  /** How long a comfortable snapshot is used without a question. */
  readonly freshMs: number;
  /** How long any snapshot stands in for a database that does not answer. */
  readonly staleMs: number;
  readonly log: Log;
};

type Kept = {
  /** Null: there is no such user. */
  readonly snapshot: Snapshot | null;
  readonly at: number;
};
export type SnapshotCache = {
  readonly kept: Map<string, Kept>;
  /** Who is being read, and since when. */
  readonly reading: Map<string, number>;
};
export const emptySnapshotCache = (): SnapshotCache => ({ kept: new Map(), reading: new Map() });

/** The oldest are forgotten. */
const SNAPSHOTS_MAX = 10_000;
/** Whoever is refused asks again and again. The database is asked less often. */
const DOUBTFUL_MS = 1_000;
/** Beyond, what is known has to do. */
const READ_MS_MAX = 2_000;
/**
 * How long a request waits for what another one is reading: hundreds of one caller begin at once, and one question answers
 * them all. Not for longer: the other one may have been ended in the middle.
 */
const SHARED_MS_MAX = 250;
const LOOK_MS = 10;
/** With less than that, a balance may be used up before the snapshot is old. */
const COMFORTABLE_BALANCE = microUsdOf(1);

/**
 * Snapshots as this isolate has read them. Only a comfortable one is used without a question: a refusal is never older than
 * a second, and where the database does not answer, whoever it knows goes on.
 */
export function cachedSnapshots(needs: Needs): Snapshots {
  const { source, cache, clock, freshMs, staleMs, log } = needs;
  const readNow: Snapshots['of'] = async (...asked) => {
    try {
      return await withTimeout(source.of(...asked), READ_MS_MAX, 'snapshot');
    } catch (cause) {
      log.warn('snapshot late', { cause });
      return err('unavailable');
    }
  };
  return {
    async of(user, organization, age) {
      const key = JSON.stringify([user, organization]);
      const current = () => {
        const kept = cache.kept.get(key);
        const isUsable = kept && age === 'usual' && isComfortable(kept.snapshot);
        const maxMs = isUsable ? freshMs : Math.min(DOUBTFUL_MS, freshMs);
        return kept && clock.now() - kept.at < maxMs ? kept : null;
      };
      if (current() === null && isBeingRead(needs, key)) await othersRead(needs, key);
      const fresh = current();
      if (fresh) return ok(fresh.snapshot);
      const now = clock.now();
      keepNewest(cache.reading, [key, now], SNAPSHOTS_MAX);
      const read = await readNow(user, organization, age);
      if (cache.reading.get(key) === now) cache.reading.delete(key);
      if (read.ok) {
        keepNewest(cache.kept, [key, { snapshot: read.value, at: now }], SNAPSHOTS_MAX);
        return read;
      }
      const kept = cache.kept.get(key);
      return kept && now - kept.at < staleMs ? ok(kept.snapshot) : read;
    },
  };
}

/** Whether another request of this isolate is reading the same. */
const isBeingRead = ({ cache, clock }: Needs, key: string): boolean =>
  clock.now() - (cache.reading.get(key) ?? -Infinity) < SHARED_MS_MAX;

async function othersRead(needs: Needs, key: string): Promise<void> {
  const until = needs.clock.now() + SHARED_MS_MAX;
  while (isBeingRead(needs, key) && needs.clock.now() < until) await needs.pause(LOOK_MS);
}

function isComfortable(snapshot: Snapshot | null): boolean {
  if (!snapshot || snapshot.user.isBlocked) return false;
  return spendableOf(snapshot) >= COMFORTABLE_BALANCE;
}
