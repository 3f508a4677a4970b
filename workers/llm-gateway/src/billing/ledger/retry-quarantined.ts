import { type LedgerState, keep } from './ledger-state.ts';
import { requeued } from './entry.ts';
import { flush } from './flush.ts';

/** Retries quarantined rows after an operator fixed the cause. Resolves after the try. */
export async function retryQuarantined(desk: LedgerState): Promise<void> {
  await desk.flushing;
  for (const entry of desk.entries.values()) keep(desk, requeued(entry));
  desk.retryAt = desk.ports.clock.now();
  await flush(desk);
}
