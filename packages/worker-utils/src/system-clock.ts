import { type Clock, Instant } from './time.ts';

/** The only reader of the machine's clock. Adapters hand it on; rules take the time as an argument. */
export const systemClock: Clock = {
  // oxlint-disable-next-line eslint/no-restricted-properties -- This is the clock that all others ask.
  now: () => Instant.parse(Date.now()),
};
