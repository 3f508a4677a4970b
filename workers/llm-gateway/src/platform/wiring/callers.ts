import { systemClock } from '@gateway/worker-utils/system-clock';
import { z } from 'zod';
import { freeUseOf } from '../durable-objects/clients/free-use.ts';
import { paymentsOf } from '../postgres/payments-database.ts';
import { addressKeyPseudonyms } from '../pseudonyms.ts';
import { cachedSnapshots, emptySnapshotCache } from '../snapshots-cache.ts';
import { snapshotsOf } from '../postgres/snapshots-database.ts';
import { pause } from '@gateway/worker-utils/pause';
import { systemChance } from '../system.ts';
import { tokensOf } from '../token-jwt.ts';
import { blacklistOf } from '../../policy/blacklist.ts';
import type { WiringDeps } from './deps.ts';

const Seconds = z.coerce.number().nonnegative();

/** What this isolate has read of its callers. */
const snapshotCache = emptySnapshotCache();

/** Who asks, how often they may, and what they have. */
export function callersFrom({
  env,
  rateLimiters,
  log,
  withConnection,
  secret,
  optionalSecret,
}: WiringDeps) {
  const pseudonyms = addressKeyPseudonyms(() => secret('ANONYMOUS_ID_SECRET'));
  return {
    freeUse: freeUseOf({ objects: rateLimiters, nameOf: pseudonyms.of, log }),
    anonymizer: pseudonyms.anonymizer,
    tokens: tokensOf({
      secrets: {
        current: () => secret('NEXTAUTH_SECRET_PROD'),
        previous: () => optionalSecret('NEXTAUTH_SECRET_PREVIOUS'),
      },
      clock: systemClock,
      environment: env.ENVIRONMENT,
    }),
    snapshots: cachedSnapshots({
      source: snapshotsOf({ lend: withConnection, log, clock: systemClock, chance: systemChance }),
      cache: snapshotCache,
      clock: systemClock,
      pause,
      freshMs: Seconds.parse(env.SNAPSHOT_SECONDS) * 1000,
      staleMs: Seconds.parse(env.SNAPSHOT_STALE_SECONDS) * 1000,
      log,
    }),
    isBlacklisted: blacklistOf(env.BLACKLIST_DOMAINS),
    payments: paymentsOf({ lend: withConnection, log }),
    appUrl: env.APP_URL,
  };
}
