import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '@gateway/db/inspect';
import { z } from 'zod';
import { load } from './load.ts';
import { percentile } from './statistics.ts';
import type { Servers } from './servers.ts';
import type { Target } from './targets.ts';
import { small } from './workloads.ts';

/** What was answered while Postgres was away, and how long it took to land. */
export type Backlog = {
  readonly unsettled: number;
  readonly failures: number;
  /** While it was away. */
  readonly perSecond: number;
  readonly p50Ms: number;
  /** Since Postgres was back: ledgers that were refused ask again within half a minute. */
  readonly firstLandedMs: number;
  readonly allLandedMs: number;
};

const LANDED_MS_MAX = 180_000;
const LOOK_MS = 50;

export async function measureBacklog(
  { gateway, postgres }: Servers,
  target: Target,
  count: number,
): Promise<Backlog> {
  // Who is known goes on: so they must be known before it goes away.
  const known = askTimes(target, small.payers * 2);
  await load(known);
  await landed(gateway.databaseUrl, null);
  const before = await rows(gateway.databaseUrl);

  await postgres.goAway();
  const begun = performance.now();
  const answers = await load(askTimes(target, count));
  const seconds = (performance.now() - begun) / 1000;
  await postgres.comeBack();

  const back = performance.now();
  const unsettled = answers.totalMs.length;
  await landed(gateway.databaseUrl, before + 1);
  const firstLandedMs = performance.now() - back;
  await landed(gateway.databaseUrl, before + unsettled);
  return {
    unsettled,
    failures: answers.failures.length,
    perSecond: unsettled / seconds,
    p50Ms: percentile(answers.totalMs, 0.5),
    firstLandedMs,
    allLandedMs: performance.now() - back,
  };
}

const askTimes = (target: Target, count: number) => ({
  url: target.url,
  clients: Math.min(small.clients, count),
  goesOn: (asked: number) => asked < count,
  ask: target.asker(small),
  end: '"usage"',
});

const Count = z.object({ count: z.coerce.number() });

async function rows(databaseUrl: string): Promise<number> {
  const text = 'select count(*) from microdollar_usage';
  const [row] = await ask(databaseUrl, { text }, Count);
  return row?.count ?? 0;
}

/** Waits for so many rows; for null, until their number stays as it is. */
async function landed(databaseUrl: string, wanted: number | null): Promise<void> {
  const deadline = performance.now() + LANDED_MS_MAX;
  let last = -1;
  for (;;) {
    const now = await rows(databaseUrl);
    if (wanted === null ? now === last : now >= wanted) return;
    if (performance.now() > deadline) throw new Error(`${now} of ${wanted} rows have landed.`);
    last = now;
    await sleep(wanted === null ? 1_000 : LOOK_MS);
  }
}
