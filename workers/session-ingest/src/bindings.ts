import type { SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import type { SessionAccessCacheDO } from './session-access-cache-do.ts';
import type { SessionIngestDO } from './session-ingest-do.ts';

/** Named here, as in o11y: a generated `Env` would be one for all workers that are type-checked together. */
export type Bindings = {
  readonly HYPERDRIVE: { readonly connectionString: string };
  readonly SESSION_INGEST_DO: DurableObjectNamespace<SessionIngestDO>;
  readonly SESSION_ACCESS_CACHE_DO: DurableObjectNamespace<SessionAccessCacheDO>;
  /** Whether there is such a user. */
  readonly USER_EXISTS_CACHE: KVNamespace;
  readonly O11Y: {
    readonly ingestSessionMetrics: (metrics: SessionMetricsInput) => Promise<void>;
  };
  readonly NEXTAUTH_SECRET_PROD: { readonly get: () => Promise<string> };
  /** While the secret is replaced: tokens of both are good. */
  readonly NEXTAUTH_SECRET_PREVIOUS: { readonly get: () => Promise<string> };
  readonly ENVIRONMENT: string;
  /** A session of which nothing was heard for so long is reported. */
  readonly SESSION_ABANDONED_SECONDS: string;
  /** Until o11y is told again of what it did not take; it doubles up to an hour. */
  readonly METRICS_RETRY_SECONDS: string;
};
