import { ExchangeId } from '@gateway/worker-utils/ids';

// oxlint-disable-next-line eslint/no-restricted-properties -- This is the chance that all others are given.
export const systemChance = (): number => Math.random();

export const randomExchangeIds = { next: () => ExchangeId.parse(crypto.randomUUID()) };
