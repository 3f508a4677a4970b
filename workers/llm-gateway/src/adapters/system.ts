import { ExchangeId } from '@gateway/worker-utils/ids';

// oxlint-disable-next-line eslint/no-restricted-properties -- This is the chance that all others are given.
export const systemChance = (): number => Math.random();

export const randomExchangeIds = { next: () => ExchangeId.parse(crypto.randomUUID()) };

/** Resolves after `ms`, or as soon as the signal fires. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await scheduler.wait(ms, signal && { signal }).catch(() => undefined);
}
