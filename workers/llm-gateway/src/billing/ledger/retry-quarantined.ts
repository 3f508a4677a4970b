import { type LedgerState, keep } from './ledger-state.ts';
import { requeued } from './entry.ts';
import { flush } from './flush.ts';

/** Tries once more what Postgres has refused: an operator has mended what it was refused for. Resolves when it was tried. */
export async function retryQuarantined(desk: LedgerState): Promise<void> {
  await desk.flushing;
  for (const entry of desk.entries.values()) keep(desk, requeued(entry));
  desk.retryAt = desk.ports.clock.now();
  await flush(desk);
}
