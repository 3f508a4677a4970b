import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';

/** Of a client that left before anybody had answered. */
const CLIENT_LEFT_STATUS = 499;

/**
 * Whether a request counts against the error budget. Who does not wait is no error of a provider: somebody would be woken by
 * people who press Escape. How long they waited counts as their first byte, so that a provider that hangs is seen all the same.
 */
export const isError = ({ statusCode, ending }: ApiMetrics): boolean =>
  statusCode >= 400 && !(statusCode === CLIENT_LEFT_STATUS && ending === 'client-left');
