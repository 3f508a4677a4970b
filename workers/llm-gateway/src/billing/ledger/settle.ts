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

/** Owed from this turn on. Does not wait for Postgres. */
export function settle(desk: LedgerState, ended: Ended): void {
  if (owe(desk, ended)) void flush(desk);
}

/** Returns whether anything changed. */
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

/** The reservation timed out before its answer arrived, so the exchange never started. */
export function release(desk: LedgerState, id: ExchangeId): void {
  const entry = desk.entries.get(id);
  if (entry && isRunning(entry)) drop(desk, id);
}
