import type { Estimate } from '../../policy/estimate.ts';
import { backlogReport } from './settlement-reports.ts';
import { type AccountReading, learnt } from './account.ts';
import { type Admission, admissionOf } from './admission.ts';
import { type LedgerState, keep, keepAccount, leaseFromNow, schedule } from './ledger-state.ts';
import { type Draft, reserved } from './entry.ts';

export type ReserveAsk = Draft & {
  readonly estimate: Estimate;
  /** The account in the caller's snapshot. */
  readonly account: AccountReading;
};

/** Limits Postgres reads when a refused payer retries often. */
const ACCOUNT_READ_EVERY_MS = 1_000;
const ACCOUNT_READS_KEPT = 1_000;

/**
 * Keeps back what the exchange may cost. Before anybody is refused, what is on its way to Postgres is waited for, and
 * Postgres itself is asked: the money may have come since.
 */
export async function reserve(desk: LedgerState, ask: ReserveAsk): Promise<Admission> {
  keepAccount(desk, learnt(desk.account, ask.account));
  const first = tryToHold(desk, ask);
  if (first.kind === 'held') return first;
  await desk.flushing;
  await readAccount(desk, ask.settlement.kilo_user_id);
  const second = tryToHold(desk, ask);
  if (second.kind === 'unavailable')
    void desk.ports.report(backlogReport(ask.settlement, desk.entries.size));
  return second;
}

/** Decides and writes in one turn: nothing comes between. */
export function tryToHold(desk: LedgerState, ask: ReserveAsk): Admission {
  const { settlement } = ask;
  const known = desk.entries.get(settlement.id);
  // Said once more, perhaps late: what has become of it since must not be forgotten.
  if (known) return { kind: 'held', hold: known.hold };

  const who = {
    user: settlement.kilo_user_id,
    isOrganization: settlement.organization_id !== null,
    worstCase: ask.estimate.worstCase,
    at: settlement.created_at,
  };
  const admission = admissionOf(desk, who, desk.ports.terms);
  if (admission.kind === 'held') {
    keep(desk, reserved(ask, admission.hold, leaseFromNow(desk)));
    schedule(desk);
  }
  return admission;
}

async function readAccount(desk: LedgerState, user: string): Promise<void> {
  const now = desk.ports.clock.now();
  const last = desk.accountReads.get(user);
  if (last && now - last.at < ACCOUNT_READ_EVERY_MS) return last.done;
  if (desk.accountReads.size >= ACCOUNT_READS_KEPT) desk.accountReads.clear();
  const done = readOnce(desk, user);
  desk.accountReads.set(user, { at: now, done });
  return done;
}

/** Where Postgres is away, what is known decides. */
async function readOnce(desk: LedgerState, user: string): Promise<void> {
  try {
    const reading = await desk.ports.accounts.accountFor(user);
    if (reading) keepAccount(desk, learnt(desk.account, reading));
  } catch (cause) {
    desk.ports.log.warn('account unread', { cause });
  }
}
