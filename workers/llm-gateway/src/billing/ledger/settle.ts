import type { ExchangeId } from '@gateway/worker-utils/ids';
import { dearReport } from './settlement-reports.ts';
import { type LedgerState, drop, keep, leaseFromNow, schedule } from './ledger-state.ts';
import {
  withGenerationId,
  type Ended,
  exceedsWorstCase,
  isRunning,
  renewed,
  settled,
} from './entry.ts';
import { flush } from './flush.ts';
import type { CostLookup } from './cost-lookup.ts';

/** Owed from this turn on. That it reaches Postgres is not waited for. */
export function settle(desk: LedgerState, ended: Ended): void {
  if (owe(desk, ended)) void flush(desk);
}

/** Whether it is news. */
export function owe(desk: LedgerState, ended: Ended): boolean {
  const known = desk.entries.get(ended.settlement.id) ?? null;
  const entry = settled(known, ended, desk.ports.clock.now());
  if (entry === known) return false;
  keep(desk, entry);
  if (exceedsWorstCase(entry)) void desk.ports.report(dearReport(entry));
  schedule(desk);
  return true;
}

export function recordGenerationId(desk: LedgerState, id: ExchangeId, question: CostLookup): void {
  const entry = desk.entries.get(id);
  if (entry) keep(desk, withGenerationId(entry, question, leaseFromNow(desk)));
}

export function renew(desk: LedgerState, id: ExchangeId): void {
  const entry = desk.entries.get(id);
  if (entry) keep(desk, renewed(entry, leaseFromNow(desk)));
}

/** It was never begun: whoever reserved could not wait for the answer. */
export function release(desk: LedgerState, id: ExchangeId): void {
  const entry = desk.entries.get(id);
  if (entry && isRunning(entry)) drop(desk, id);
}
