import type { Interruption } from '../../exchange/exchange.ts';

/** Where a failed request may be tried again. */
export type RetryScope = 'nowhere' | 'elsewhere' | 'anywhere';

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const STATUS_UNPAID = 402;
const STATUS_KEY_REJECTED = 401;

/** Transient failures are retried. A verdict about the request itself would be the same on every retry. */
export function retryScopeOf(status: number): RetryScope {
  // The account is empty or its key is invalid at this gateway, but not at the other one.
  if (status === STATUS_UNPAID || isKeyRejected(status)) return 'elsewhere';
  return status >= 500 || PASSING_STATUSES.has(status) ? 'anywhere' : 'nowhere';
}

/** Applies to platform and BYOK keys. A 403 does not: OpenRouter sends it for flagged input. */
export const isKeyRejected = (status: number): boolean => status === STATUS_KEY_REJECTED;

const STATUSES_OF_GATEWAY: ReadonlySet<number> = new Set([401, 403, 404]);

/**
 * Whether a status describes the gateway rather than the request: our account there, or a model that it lacks. Clients must
 * not see such a status from a fallback.
 */
export const isGatewayFault = (status: number): boolean => STATUSES_OF_GATEWAY.has(status);

/**
 * A target that broke off before its first token may be retried like any failed call, unless it stalled: it may stall again.
 * A target that broke off in the middle is never asked for the rest.
 */
export const retryScopeAfterInterruption = ({
  prefix,
  isStalled,
}: Pick<Interruption, 'prefix' | 'isStalled'>): RetryScope =>
  prefix === null && !isStalled ? 'anywhere' : 'elsewhere';
