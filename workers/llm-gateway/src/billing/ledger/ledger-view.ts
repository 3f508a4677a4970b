import type { Account } from './account.ts';
import type { LedgerState } from './ledger-state.ts';
import { isOwed, isRunning } from './entry.ts';

/** An operator's view of a ledger: ids, amounts and times, never prompt or completion text. */
export type LedgerView = {
  readonly account: Account | null;
  readonly failures: number;
  readonly errands: readonly {
    readonly id: string;
    readonly tries: number;
    readonly nextAt: number;
  }[];
  readonly exchanges: readonly ExchangeView[];
};
type ExchangeView = {
  readonly id: string;
  readonly state: 'running' | 'owed' | 'parked' | 'asked';
  readonly user: string;
  readonly model: string;
  readonly at: number;
  readonly hold: number;
  /** Null until known. */
  readonly cost: number | null;
  readonly revision: number;
  readonly landedRevision: number | null;
  readonly leaseUntil: number | null;
  readonly generation: string | null;
  readonly askedAgainAt: number | null;
};

export const viewOf = ({ account, entries, outbox, failures }: LedgerState): LedgerView => ({
  account,
  failures,
  errands: [...outbox.values()].map(({ id, tries, nextAt }) => ({ id, tries, nextAt })),
  exchanges: [...entries.values()].map((entry) => ({
    id: entry.id,
    state: stateOf(entry),
    user: entry.settlement.kilo_user_id,
    model: entry.settlement.requested_model,
    at: entry.settlement.created_at,
    hold: entry.hold,
    cost: entry.settlement.cost,
    revision: entry.settlement.revision,
    landedRevision: entry.committed?.revision ?? null,
    leaseUntil: entry.leaseUntil,
    generation: entry.question?.generation ?? null,
    askedAgainAt: entry.question?.nextAt ?? null,
  })),
});

function stateOf(entry: Parameters<typeof isOwed>[0]): ExchangeView['state'] {
  if (isRunning(entry)) return 'running';
  if (entry.isParked) return 'parked';
  return isOwed(entry) ? 'owed' : 'asked';
}
