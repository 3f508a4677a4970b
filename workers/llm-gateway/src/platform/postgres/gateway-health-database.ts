import { attemptCounts, type Database } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import { failoverReport } from '../../reporting/reports/failover-report.ts';
import type { Report } from '../../reporting/reports/report.ts';
import { type GatewayHealth, isFailover, unknownHealth } from '../../policy/vercel-routing.ts';

type Needs = {
  readonly ask: () => Promise<GatewayHealth>;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  /** Keeps the worker alive for what a request does not wait for. */
  readonly background: (work: Promise<void>) => void;
  readonly log: Log;
  readonly report: (report: Report) => Promise<void>;
};

const FRESH_MS = 60_000;
/** Still believed while a newer one is asked for. */
const STALE_MS = 120_000;
/** So long a request waits for what only steers it: then it goes the usual way. */
const WAIT_MS_MAX = 500;
/** One question at a time, and none in quick succession to a database that does not answer. */
const ASK_AGAIN_MS = 10_000;

/**
 * Remembers the health of the gateways between requests. Plain values: a question belongs to the request that asks it, and
 * no other one may wait for it.
 */
export function healthMemory(): (needs: Needs) => Promise<GatewayHealth> {
  let known: { readonly health: GatewayHealth; readonly at: Instant } | null = null;
  let askedAt: Instant | null = null;
  const believedAt = (now: Instant, ageMs: number): GatewayHealth | null =>
    known !== null && now - known.at < ageMs ? known.health : null;

  const learn = async (now: Instant, { ask, log, report, background }: Needs): Promise<void> => {
    try {
      const health = await ask();
      known = { health, at: now };
      if (isFailover(health)) background(report(failoverReport(health)));
    } catch (cause) {
      log.error('health of the gateways unknown', { cause });
    }
  };

  return async (needs) => {
    const now = needs.clock.now();
    const fresh = believedAt(now, FRESH_MS);
    if (fresh) return fresh;
    const stale = believedAt(now, STALE_MS);
    if (askedAt !== null && now - askedAt < ASK_AGAIN_MS) return stale ?? unknownHealth;

    askedAt = now;
    const learning = learn(now, needs);
    needs.background(learning);
    if (stale) return stale;
    await Promise.race([learning, needs.pause(WAIT_MS_MAX)]);
    return believedAt(now, FRESH_MS) ?? unknownHealth;
  };
}

const remembered = healthMemory();

type Lending = Omit<Needs, 'ask'> & {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
};

/** How OpenRouter and Vercel have been doing, by the attempts of all isolates. */
export const gatewayHealthOf =
  ({ lend, ...needs }: Lending): (() => Promise<GatewayHealth>) =>
  () =>
    remembered({ ...needs, ask: () => lend(measured) });

async function measured(database: Database): Promise<GatewayHealth> {
  const counts = await attemptCounts(database, Object.keys(unknownHealth));
  const callsOf = (name: keyof GatewayHealth) => {
    const { attempts, failed } =
      counts.find(({ provider }) => provider === name) ?? unknownHealth[name];
    return { attempts, failed };
  };
  return { openrouter: callsOf('openrouter'), vercel: callsOf('vercel') };
}
