import type { Database } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import { optionalSecretOf, secretOf } from '@gateway/worker-utils/secrets-store';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { withDatabase } from '../postgres/database.ts';
import type { RateLimiters } from '../durable-objects/clients/free-use.ts';
import type { generationsOf } from '../services/generations-fetch.ts';
import type { LedgerObjects } from '../durable-objects/clients/ledgers.ts';
import { consoleLog } from '../log.ts';
import { type Reporter, reporterOf } from '../services/reports-sentry.ts';
import type { SharedCircuits } from '../durable-objects/clients/shared-circuits.ts';
import type { ProviderKey } from '../../catalog/providers/registry.ts';

type Secret = 'NEXTAUTH_SECRET_PROD' | 'ANONYMOUS_ID_SECRET' | 'BYOK_ENCRYPTION_KEY' | ProviderKey;
type OptionalSecret =
  | 'ABUSE_CF_ACCESS_CLIENT_ID'
  | 'ABUSE_CF_ACCESS_CLIENT_SECRET'
  | 'ABUSE_SERVICE_URL'
  | 'BYOK_ENCRYPTION_KEY_PREVIOUS'
  | 'CLIENT_ADDRESS_SECRET'
  | 'CUSTOMERIO_API_KEY'
  | 'GATEWAY_ADMIN_TOKEN'
  | 'NEXTAUTH_SECRET_PREVIOUS'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'POSTHOG_API_KEY'
  | 'STRIPE_SECRET_KEY'
  | 'VERCEL_AI_GATEWAY_API_KEY';

/** What every part of the wiring draws on. */
export type WiringDeps = {
  readonly env: Env;
  readonly log: Log;
  readonly report: Reporter['report'];
  readonly withConnection: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly secret: (name: Secret) => Promise<string>;
  /** Null: it is not there, and need not be. */
  readonly optionalSecret: (name: OptionalSecret) => Promise<string | null>;
  readonly ledgers: LedgerObjects;
  readonly rateLimiters: RateLimiters;
  readonly sharedCircuits: SharedCircuits;
  readonly baseUrls: Parameters<typeof generationsOf>[0]['baseUrls'];
};

/** @param context what every line of the log holds. */
export function wiringDepsFrom(env: Env, context: Parameters<typeof consoleLog>[0]): WiringDeps {
  const log = consoleLog(context);
  return {
    env,
    log,
    report: reporterFrom(env, log).report,
    withConnection: (work) => withDatabase(env, work),
    ledgers: env.LEDGER,
    rateLimiters: env.RATE_LIMITER,
    sharedCircuits: env.SHARED_CIRCUIT,
    secret: (name) => secretOf(name, env[name]),
    optionalSecret: (name) => optionalSecretOf(name, env[name]),
    baseUrls: {
      // Most are variables; one is as secret as its key.
      async of(name) {
        const url = env[name];
        return typeof url === 'string' ? url : secretOf(name, url);
      },
    },
  };
}

/** Tells operators, in the log and at Sentry. */
export const reporterFrom = (env: Env, log: Log): Reporter =>
  reporterOf({ dsn: env.SENTRY_DSN, environment: env.ENVIRONMENT, clock: systemClock, log });
