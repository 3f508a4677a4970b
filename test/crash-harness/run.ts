import { runClient } from './client.ts';
import type { Told } from './controller.ts';
import type { Asking } from './client.ts';
import type { Payer } from './payer.ts';
import type { ProofWorld } from './proof-world.ts';

/** One exchange on its way. */
export type Run = {
  readonly payer: Payer;
  readonly client: Promise<void>;
  readonly isClientDone: () => boolean;
};

export function startRun(world: ProofWorld, payer: Payer, asking: Asking): Run {
  let isDone = false;
  const { id, token } = payer;
  const { url, controller } = world;
  const sent = { ...asking, url, controller, payer: id, exchange: '1', token };
  const client = runClient(sent).finally(() => {
    isDone = true;
  });
  return { payer, client, isClientDone: () => isDone };
}

/** Nobody waits for anything any more, and nothing is left in the ledger. */
export async function isOver(world: ProofWorld, run: Run): Promise<boolean> {
  if (!run.isClientDone() || isWaiting(world.controller.told(run.payer.id))) return false;
  return (await world.pending(run.payer)).length === 0;
}

function isWaiting(told: readonly Told[]): boolean {
  const open = new Map<string, number>();
  for (const { place, port, phase } of told) {
    // What a client does has no end that it would tell of.
    if (place === 'client') continue;
    const name = `${place} ${port}`;
    open.set(name, (open.get(name) ?? 0) + (phase === 'before' ? 1 : -1));
  }
  return [...open.values()].some((count) => count > 0);
}
