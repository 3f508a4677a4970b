import type { SettledExchange, SettleOutcome } from '@gateway/db';
import type { ExchangeId } from '@gateway/worker-utils/ids';
import type { Log } from '@gateway/worker-utils/json-log';
import { type Clock, Instant } from '@gateway/worker-utils/time';
import type { Consequence } from '../consequences/consequence.ts';
import type { Report } from '../../reporting/reports/report.ts';
import type { Generation } from './generation.ts';
import { type Account, type AccountReading, isFundsNews, isMemberNews } from './account.ts';
import type { Terms } from './admission.ts';
import { type Entry, isDone, isOwed } from './entry.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import type { CostLookup } from './cost-lookup.ts';
import type { Store } from './store.ts';

/** Dependencies of a ledger. All but `store` may fail or hang. */
export type Ports = {
  readonly store: Store;
  readonly clock: Clock;
  readonly accounts: {
    readonly settle: (exchanges: readonly SettledExchange[]) => Promise<SettleOutcome>;
    /** The payer's account, or null if there is no such payer. */
    readonly accountFor: (user: string) => Promise<AccountReading | null>;
  };
  readonly generations: { readonly ask: (question: CostLookup) => Promise<GenerationAnswer> };
  /** Receives the provider's record of an uncharged exchange. Never rejects. */
  readonly charges: { readonly applyLookup: (exchange: SettledExchange) => Promise<void> };
  readonly consequences: { readonly perform: (consequence: Consequence) => Promise<void> };
  /** The index of ledgers with unfinished work, for operators. */
  readonly index: { readonly put: (isOpen: boolean) => Promise<void> };
  /** Schedules a wake-up at this time or earlier. */
  readonly wakeAt: (at: Instant) => void;
  /** Lease of a reservation. Renewed while an answer streams. */
  readonly leaseMs: number;
  readonly terms: Terms;
  /** Random, in [0, 1). */
  readonly chance: () => number;
  /** Reports to operators. Never rejects. */
  readonly report: (report: Report) => Promise<void>;
  readonly log: Log;
};

/** `silent`: the provider may know the cost later. `refused`: it never will. */
export type GenerationAnswer =
  | { readonly kind: 'told'; readonly generation: Generation }
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused' };

/** A payer's ledger in memory: its stored state and the work in progress. */
export type LedgerState = {
  readonly ports: Ports;
  readonly entries: Map<ExchangeId, Entry>;
  readonly outbox: Map<string, OutboxEntry>;
  account: Account | null;
  /** The state last written to the index. */
  isListed: boolean;
  /** The batch that is being written to Postgres. */
  flushing: Promise<void> | null;
  /** Consecutive failed batches, and the earliest time of the next try. */
  failures: number;
  retryAt: Instant;
  readonly accountReads: Map<string, AccountRead>;
};
type AccountRead = { readonly at: Instant; readonly done: Promise<void> };

export function openLedger(ports: Ports): LedgerState {
  const stored = ports.store.load();
  return {
    ports,
    entries: new Map(stored.entries.map((entry) => [entry.id, entry])),
    outbox: new Map(stored.errands.map((errand) => [errand.id, errand])),
    account: stored.account,
    isListed: stored.isListed,
    flushing: null,
    failures: 0,
    retryAt: Instant.parse(0),
    accountReads: new Map(),
  };
}

/** Updates memory and disk in one turn. Drops finished entries: Postgres has them, and settling them again is harmless. */
export function keep(desk: LedgerState, entry: Entry): void {
  if (desk.entries.get(entry.id) === entry) return;
  if (isDone(entry)) return drop(desk, entry.id);
  desk.entries.set(entry.id, entry);
  desk.ports.store.putEntry(entry);
}

export function drop(desk: LedgerState, id: ExchangeId): void {
  desk.entries.delete(id);
  desk.ports.store.removeEntry(id);
}

/**
 * Writes the account only when its values change. A later read of the same values is not stored, so after a restart an
 * older snapshot may count until the next request brings a newer one.
 */
export function keepAccount(desk: LedgerState, account: Account): void {
  const { account: known, ports } = desk;
  const { members, ...funds } = account;
  desk.account = account;
  if (!known || isFundsNews(known, funds)) ports.store.putFunds(funds);
  if (known?.members === members) return;
  for (const [id, member] of Object.entries(members)) {
    const before = known?.members[id];
    if (!before || isMemberNews(before, member)) ports.store.putMember(id, member);
  }
  for (const id of Object.keys(known?.members ?? {})) {
    if (!(id in members)) ports.store.removeMember(id);
  }
}

export function keepOutboxEntry(desk: LedgerState, errand: OutboxEntry): void {
  desk.outbox.set(errand.id, errand);
  desk.ports.store.putOutboxEntry(errand);
}

export function dropOutboxEntry(desk: LedgerState, id: string): void {
  desk.outbox.delete(id);
  desk.ports.store.removeOutboxEntry(id);
}

export const leaseFromNow = ({ ports }: LedgerState): Instant =>
  Instant.parse(ports.clock.now() + ports.leaseMs);

/** Owed rows are flushed immediately. This wake-up covers a crash before the flush. */
const FLUSH_AGAIN_MS = 5_000;

/** Schedules a wake-up for the next due work, if there is any. */
export function schedule(desk: LedgerState): void {
  const at = nextDue(desk);
  if (at !== null) desk.ports.wakeAt(at);
}

function nextDue({ entries, outbox, ports, retryAt }: LedgerState): Instant | null {
  const flushAt = Instant.parse(Math.max(retryAt, ports.clock.now() + FLUSH_AGAIN_MS));
  let next: Instant | null = null;
  for (const entry of entries.values()) {
    const owedAt = isOwed(entry) && !entry.isParked ? flushAt : null;
    next = earliest(next, entry.leaseUntil, owedAt, entry.question?.nextAt ?? null);
  }
  for (const errand of outbox.values()) next = earliest(next, errand.nextAt);
  return next;
}

const earliest = (...instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce(
    (first, at) => (first === null || (at !== null && at < first) ? at : first),
    null,
  );
