import type { Consequence } from '../consequences/consequence.ts';
import { type LedgerState, dropOutboxEntry, keepOutboxEntry, schedule } from './ledger-state.ts';
import { type OutboxEntry, postponed } from './outbox-entry.ts';

/** At most once: tries the consequence a single time. Never rejects. */
export async function performOnce(desk: LedgerState, consequence: Consequence): Promise<void> {
  try {
    await desk.ports.consequences.perform(consequence);
  } catch (cause) {
    report(desk, consequence, cause);
  }
}

/** At least once: retries until it succeeds, so it must be idempotent. Never rejects. */
export async function deliverOutboxEntry(desk: LedgerState, errand: OutboxEntry): Promise<void> {
  try {
    await desk.ports.consequences.perform(errand.consequence);
    dropOutboxEntry(desk, errand.id);
  } catch (cause) {
    report(desk, errand.consequence, cause);
    const next = postponed(errand, desk.ports.clock.now());
    if (next) keepOutboxEntry(desk, next);
    else dropOutboxEntry(desk, errand.id);
  }
  schedule(desk);
}

function report({ ports }: LedgerState, { kind, exchange }: Consequence, cause: unknown): void {
  ports.log.error('consequence failed', { consequence: kind, exchange, cause });
}
