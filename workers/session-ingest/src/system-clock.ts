import { type Clock, Instant } from '@gateway/worker-utils/time';

/** The only reader of the machine's clock. */
export const systemClock: Clock = {
  // oxlint-disable-next-line eslint/no-restricted-properties -- This is the clock that all others ask.
  now: () => Instant.parse(Date.now()),
};
