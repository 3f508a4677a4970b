import { type LedgerState, keep, schedule } from './ledger-state.ts';
import { leaseExpired } from './entry.ts';
import { deliverOutboxEntry } from './outbox.ts';
import { flush } from './flush.ts';
import { lookUpCosts } from './look-up-costs.ts';

/** Does all due work and schedules the next wake-up. Never rejects: the platform eventually drops an alarm that keeps failing. */
export async function wake(desk: LedgerState): Promise<void> {
  const { clock, log } = desk.ports;
  try {
    const now = clock.now();
    expireLeases(desk);
    const due = [...desk.outbox.values()].filter(({ nextAt }) => nextAt <= now);
    await Promise.all([
      flush(desk),
      lookUpCosts(desk).then(() => flush(desk)),
      ...due.map((errand) => deliverOutboxEntry(desk, errand)),
    ]);
    await list(desk);
  } catch (cause) {
    log.error('ledger could not do what was due', { cause });
  } finally {
    schedule(desk);
  }
}

/** Exchanges whose lease expired. */
export function expireLeases(desk: LedgerState): void {
  const { clock, log } = desk.ports;
  const now = clock.now();
  for (const entry of desk.entries.values()) {
    const next = leaseExpired(entry, now);
    if (next !== entry) log.warn('exchange adopted', { exchange: entry.id });
    keep(desk, next);
  }
}

/** Lists a ledger only while it has open work. Most exchanges finish before the first wake-up and are never listed. */
async function list(desk: LedgerState): Promise<void> {
  const isOpen = desk.entries.size > 0 || desk.outbox.size > 0;
  if (isOpen === desk.isListed) return;
  await desk.ports.index.put(isOpen);
  desk.isListed = isOpen;
  desk.ports.store.putListed(isOpen);
}
