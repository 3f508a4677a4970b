import { ExchangeId } from '@gateway/worker-utils/ids';
import { type Clock, Instant } from '@gateway/worker-utils/time';

/** The only reader of the machine's clock. */
export const systemClock: Clock = {
  // oxlint-disable-next-line eslint/no-restricted-properties -- This is the clock that all others ask.
  now: () => Instant.parse(Date.now()),
};

// oxlint-disable-next-line eslint/no-restricted-properties -- This is the chance that all others are given.
export const systemChance = (): number => Math.random();

export const randomExchangeIds = { next: () => ExchangeId.parse(crypto.randomUUID()) };

/** Resolves after `ms`, or as soon as the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await scheduler.wait(ms, { signal }).catch(() => undefined);
}
