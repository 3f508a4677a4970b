import { z } from 'zod';

/** Millionths of a US dollar, an integer. May be negative (a discount, a debt). */
export const MicroUsd = z.int().brand<'MicroUsd'>();
export type MicroUsd = z.infer<typeof MicroUsd>;

export const zeroMicroUsd = MicroUsd.parse(0);

/** The one rounding: half toward plus infinity, so that negative cache discounts round as they always did. */
export const microUsdOf = (usd: number): MicroUsd => MicroUsd.parse(Math.round(usd * 1_000_000));

export const usdOf = (amount: MicroUsd): number => amount / 1_000_000;
