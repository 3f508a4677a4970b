import { type Usage, usageOf } from '@gateway/db/inspect';
import type { Delivered } from '@gateway/local/simulator';
import { expect } from 'vitest';
import type { World } from './world.ts';

/** What a client has done, what it was charged for it, and what the simulator asks. In microdollars. */
export type Bill = {
  readonly client: string;
  readonly version: string;
  readonly task: string;
  /** Those that the simulator has answered. */
  readonly requests: number;
  readonly billed: number;
  readonly price: number;
  /** The house pays the price of a free model. */
  readonly paidBy: 'client' | 'house';
};
type Billed = Pick<Bill, 'requests' | 'billed' | 'price'>;

type Account = {
  readonly payer: string;
  readonly paidBy: Bill['paidBy'];
  /** How many the simulator had been asked for before the client began. */
  readonly before: number;
};

/** Once the books say of every answer what the simulator says of it. */
export async function billOf(world: World, account: Account): Promise<Billed> {
  const { payer, paidBy, before } = account;
  const entries = () => world.simulator.log().slice(before);
  const earlier = new Set(world.simulator.log().slice(0, before).map(idOf));
  const rows = async () => {
    const all = await usageOf(world.databaseUrl, payer);
    return all.filter(({ message_id }) => !earlier.has(message_id ?? ''));
  };
  const amountOf = ({ cost, market_cost }: Usage) => (paidBy === 'client' ? cost : market_cost);
  const booked = async () => new Map((await rows()).map((row) => [row.message_id, amountOf(row)]));
  const priced = () => new Map(entries().map((entry) => [idOf(entry), priceOf(entry)]));
  // An answer may be corrected once the provider has told more of it.
  await expect.poll(async () => differing(await booked(), priced())).toEqual([]);
  return {
    requests: entries().filter(({ status }) => status === 200).length,
    billed: sum((await rows()).map(({ cost }) => cost)),
    price: sum(entries().map(priceOf)),
  };
}

const idOf = ({ generationId }: Delivered): string => generationId;
const priceOf = ({ cost }: Delivered): number => Math.round(cost * 1_000_000);

type Amounts = ReadonlyMap<string | null, number | null>;

/** What only one of the two knows, or both know differently. What the upstream has refused costs nothing, row or no row. */
function differing(booked: Amounts, priced: Amounts) {
  const ids = new Set([...booked.keys(), ...priced.keys()]);
  return [...ids].flatMap((id) => {
    const [billed, price] = [booked.get(id) ?? 0, priced.get(id) ?? 0];
    return billed === price ? [] : [{ id, billed, price }];
  });
}

const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, next) => total + next, 0);

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- Only an interface can be merged.
  interface TaskMeta {
    bills?: readonly Bill[];
  }
}
