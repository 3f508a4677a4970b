import type { Interruption } from '../../exchange/exchange.ts';

/** Where else a request may be tried that somebody has not answered. */
export type RetryScope = 'nowhere' | 'elsewhere' | 'anywhere';

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const STATUS_UNPAID = 402;
const STATUS_KEY_REJECTED = 401;

/** What passes is tried again. What is said of the request itself holds, however often it is asked. */
export function retryScopeOf(status: number): RetryScope {
  // The account is empty, or its key is not valid: there, but not at the other gateway.
  if (status === STATUS_UNPAID || isKeyRejected(status)) return 'elsewhere';
  return status >= 500 || PASSING_STATUSES.has(status) ? 'anywhere' : 'nowhere';
}

/** Whoever's key it is. A 403 does not say that: OpenRouter answers it where it has flagged the input. */
export const isKeyRejected = (status: number): boolean => status === STATUS_KEY_REJECTED;

const STATUSES_OF_GATEWAY: ReadonlySet<number> = new Set([401, 403, 404]);

/**
 * Says less of the request than of the gateway that was asked: of our account there, or that it does not have the model.
 * From one that only steps in, nobody wants to hear that.
 */
export const isGatewayFault = (status: number): boolean => STATUSES_OF_GATEWAY.has(status);

/**
 * What has shown nothing may be asked again of who broke off, as any other call that came to nothing; unless that was silence,
 * which may come again. Who broke off in the middle is not asked for the rest.
 */
export const retryScopeAfterInterruption = ({
  prefix,
  isStalled,
}: Pick<Interruption, 'prefix' | 'isStalled'>): RetryScope =>
  prefix === null && !isStalled ? 'anywhere' : 'elsewhere';
