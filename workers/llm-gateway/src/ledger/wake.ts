import { type Desk, keep, schedule } from './desk.ts';
import { adopted } from './entry.ts';
import { runErrand } from './errands.ts';
import { flush } from './flush.ts';
import { inquire } from './inquire.ts';

/** Does whatever is due, and asks to be woken for what comes next. Never rejects: an alarm that does is dropped in the end. */
export async function wake(desk: Desk): Promise<void> {
  const { clock, log } = desk.ports;
  try {
    const now = clock.now();
    adoptExpired(desk);
    const due = [...desk.errands.values()].filter(({ nextAt }) => nextAt <= now);
    await Promise.all([
      flush(desk),
      inquire(desk).then(() => flush(desk)),
      ...due.map((errand) => runErrand(desk, errand)),
    ]);
    await list(desk);
  } catch (cause) {
    log.error('ledger could not do what was due', { cause });
  } finally {
    schedule(desk);
  }
}

/** Exchanges of which nobody has heard for a whole lease. */
export function adoptExpired(desk: Desk): void {
  const { clock, log } = desk.ports;
  const now = clock.now();
  for (const entry of desk.entries.values()) {
    const next = adopted(entry, now);
    if (next !== entry) log.warn('exchange adopted', { exchange: entry.id });
    keep(desk, next);
  }
}

/** What is over before anybody was woken is in no list: most exchanges are. */
async function list(desk: Desk): Promise<void> {
  const isOpen = desk.entries.size > 0 || desk.errands.size > 0;
  if (isOpen === desk.isListed) return;
  await desk.ports.index.put(isOpen);
  desk.isListed = isOpen;
  desk.ports.store.putListed(isOpen);
}
