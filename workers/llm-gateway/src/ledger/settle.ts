import type { ExchangeId } from '@gateway/worker-utils/ids';
import { withCost } from './costs.ts';
import { type Desk, drop, keep, keepCosts, leaseFromNow, schedule } from './desk.ts';
import { attached, type Ended, isRunning, renewed, settled } from './entry.ts';
import { flush } from './flush.ts';
import type { Question } from './question.ts';

/** Owed from this turn on. That it reaches Postgres is not waited for. */
export function settle(desk: Desk, ended: Ended): void {
  if (owe(desk, ended)) void flush(desk);
}

/** Whether it is news. */
export function owe(desk: Desk, ended: Ended): boolean {
  const known = desk.entries.get(ended.settlement.id) ?? null;
  const entry = settled(known, ended, desk.ports.clock.now());
  if (entry === known) return false;
  keep(desk, entry);
  const { cost, requested_model } = ended.settlement;
  if (cost !== null && cost > 0) keepCosts(desk, withCost(desk.costs, requested_model, cost));
  schedule(desk);
  return true;
}

export function attach(desk: Desk, id: ExchangeId, question: Question): void {
  const entry = desk.entries.get(id);
  if (entry) keep(desk, attached(entry, question, leaseFromNow(desk)));
}

export function renew(desk: Desk, id: ExchangeId): void {
  const entry = desk.entries.get(id);
  if (entry) keep(desk, renewed(entry, leaseFromNow(desk)));
}

/** It was never begun: whoever reserved could not wait for the answer. */
export function release(desk: Desk, id: ExchangeId): void {
  const entry = desk.entries.get(id);
  if (entry && isRunning(entry)) drop(desk, id);
}
