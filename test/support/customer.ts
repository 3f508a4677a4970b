import type { Delivered } from '@gateway/local/simulator';
import { expect, type TestContext } from 'vitest';
import { billOf } from './bill.ts';
import type { Client, Computer } from './client.ts';
import { untilRows, type World } from './world.ts';
import { z } from 'zod';

type Visit<Kind extends Computer> = {
  readonly world: World;
  readonly client: Client<Kind>;
  readonly context: TestContext;
};
type Customer<Kind extends Computer> = {
  readonly computer: Kind;
  /** What the simulator was asked for since. */
  readonly delivered: () => readonly Delivered[];
  /** That all was charged as it was delivered. Puts the task into the table, and says how many requests were answered. */
  readonly expectBill: (task: string) => Promise<number>;
};

/** Somebody new, with so much to spend, and with the client on a new computer. Null: with a token that is none. */
export async function customerOf<Kind extends Computer>(
  visit: Visit<Kind>,
  usd: number | null,
): Promise<Customer<Kind>> {
  const { id, token } = await visit.world.newcomer(usd ?? 0);
  return visited(visit, {
    token: usd === null ? 'nonsense' : token,
    payer: async () => id,
    paidBy: 'client',
  });
}

/** Somebody without an account. */
export const passerBy = <Kind extends Computer>(visit: Visit<Kind>): Customer<Kind> =>
  visited(visit, {
    token: null,
    payer: () => anonymousPayer(visit.world),
    paidBy: 'house',
  });

type Terms = {
  readonly token: string | null;
  readonly payer: () => Promise<string>;
  readonly paidBy: 'client' | 'house';
};

function visited<Kind extends Computer>(
  { world, client, context }: Visit<Kind>,
  { token, payer, paidBy }: Terms,
): Customer<Kind> {
  const { url, sessionIngestUrl } = world;
  const computer = client.computer({ url, sessionIngestUrl, token });
  context.onTestFinished(() => computer.remove());
  const before = world.simulator.log().length;
  return {
    computer,
    delivered: () => world.simulator.log().slice(before),
    async expectBill(task) {
      const billed = await billOf(world, { payer: await payer(), paidBy, before });
      const bill = { client: client.name, version: client.version, task, paidBy, ...billed };
      Object.assign(context.task.meta, { bills: [...(context.task.meta.bills ?? []), bill] });
      expect(bill.billed).toBe(paidBy === 'client' ? bill.price : 0);
      return bill.requests;
    },
  };
}

const Payers = z.array(z.object({ kilo_user_id: z.string() })).length(1);

/** All clients are on this machine: nobody is nobody. */
async function anonymousPayer({ databaseUrl }: World): Promise<string> {
  const rows = await untilRows(
    databaseUrl,
    `select distinct kilo_user_id from microdollar_usage_view where kilo_user_id like 'anon:%'`,
  );
  const [payer] = Payers.parse(rows);
  return payer?.kilo_user_id ?? '';
}
