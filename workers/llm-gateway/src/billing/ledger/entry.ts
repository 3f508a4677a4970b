import { SettledExchange } from '@gateway/db';
import { ExchangeId } from '@gateway/worker-utils/ids';
import { MicroUsd, zeroMicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Estimate } from '../../policy/estimate.ts';
import {
  firstLookup,
  isLate,
  type CostLookup,
  StoredCostLookup,
  notYetDue,
} from './cost-lookup.ts';

/** How much is known about an exchange, in ascending order. The highest wins, in whatever order they arrive. */
export const revisions = {
  /** The lease expired before a settlement arrived. */
  lost: 0,
  /** The lease expired, but the provider reported the cost. */
  recovered: 1,
  /** The request settled. */
  settled: 2,
  /** The request settled, and the provider's record was added. */
  confirmed: 3,
} as const;

/**
 * One exchange in a payer's ledger, from its reservation until Postgres has the final row. Every change is a function
 * from one entry to the next, so this file decides the effect of a repeated, late or missing message.
 */
export const Entry = z
  .object({
    id: ExchangeId,
    /** False if the platform pays. */
    isCharged: z.boolean(),
    /**
     * Amount reserved until the exchange has ended and its cost is known, or is overdue. At most the funds available at
     * the start. 0 once the hold is released.
     */
    hold: MicroUsd,
    /** Null in entries of older versions, which stored only `hold`. */
    worstCase: MicroUsd.nullable().default(null),
    /** Typical cost of such an exchange. Counts only within an overdraft. */
    typicalCost: MicroUsd.nullable().default(null),
    /** When the lease expires. Null once the exchange has ended. */
    leaseUntil: Instant.nullable(),
    /** The row to write. While the exchange runs, the row to write if its lease expires. */
    settlement: SettledExchange,
    /** The last committed version. */
    committed: z.object({ revision: z.int(), cost: MicroUsd }).readonly().nullable(),
    question: StoredCostLookup.nullable(),
    /** Quarantined: Postgres rejects the row in every form, and an operator must fix it. */
    isParked: z.boolean(),
  })
  .readonly();
export type Entry = z.infer<typeof Entry>;

export type Draft = {
  readonly settlement: SettledExchange;
  readonly isCharged: boolean;
};
export type Ended = Draft & { readonly question: CostLookup | null };

export const isRunning = ({ leaseUntil }: Entry): boolean => leaseUntil !== null;
export const isOwed = (entry: Entry): boolean =>
  !isRunning(entry) && entry.committed?.revision !== entry.settlement.revision;
/** Finished: committed to Postgres, with no cost lookup left. */
export const isDone = (entry: Entry): boolean =>
  !isRunning(entry) && !isOwed(entry) && entry.question === null;

/** The cost that is not committed to Postgres yet. */
export function unsettledOf(entry: Entry): number {
  const { cost } = entry.settlement;
  return isOwed(entry) && cost !== null ? cost - (entry.committed?.cost ?? 0) : 0;
}

/** The worst remaining cost, including the part that the hold could not cover. */
export const worstCaseHeldFor = ({ hold, worstCase }: Entry): number =>
  hold === 0 ? 0 : (worstCase ?? hold);
export const typicalCostHeldFor = (entry: Entry): number =>
  Math.min(worstCaseHeldFor(entry), entry.typicalCost ?? Infinity);

/** The charge exceeds the worst case. */
export const exceedsWorstCase = ({ settlement, worstCase }: Entry): boolean =>
  worstCase !== null && settlement.cost !== null && settlement.cost > worstCase;

export const reserved = (
  draft: Draft & { readonly estimate: Estimate },
  hold: MicroUsd,
  leaseUntil: Instant,
): Entry => ({
  id: draft.settlement.id,
  isCharged: draft.isCharged,
  hold,
  worstCase: draft.estimate.worstCase,
  typicalCost: draft.estimate.typicalCost,
  leaseUntil,
  settlement: { ...draft.settlement, revision: revisions.lost, cost: null },
  committed: null,
  question: null,
  isParked: false,
});

/** Records the generation id, so that the cost can be looked up even if this request dies. */
export const withGenerationId = (entry: Entry, question: CostLookup, leaseUntil: Instant): Entry =>
  isRunning(entry) ? { ...entry, question: notYetDue(question), leaseUntil } : entry;

export const renewed = (entry: Entry, leaseUntil: Instant): Entry =>
  isRunning(entry) ? { ...entry, leaseUntil } : entry;

/** Settles the exchange. Safe to repeat, and safe after the lease expired. */
export function settled(entry: Entry | null, ended: Ended, now: Instant): Entry {
  const settlement = withKnownCost(ended.settlement, entry);
  if (entry && entry.settlement.revision >= settlement.revision) return entry;
  return {
    id: settlement.id,
    isCharged: ended.isCharged,
    hold: holdWhile(ended.question, entry?.hold ?? zeroMicroUsd),
    worstCase: entry?.worstCase ?? null,
    typicalCost: entry?.typicalCost ?? null,
    leaseUntil: null,
    settlement,
    committed: entry?.committed ?? null,
    question: ended.question && firstLookup(ended.question, now),
    isParked: false,
  };
}

/** A request presumed lost may settle late, without the cost we learned meanwhile. */
const withKnownCost = (settlement: SettledExchange, entry: Entry | null): SettledExchange => ({
  ...settlement,
  revision: revisions.settled,
  cost: settlement.cost ?? entry?.settlement.cost ?? null,
});

/** Lease expired. Look up the cost; charge 0 until it is known. */
export function leaseExpired(entry: Entry, now: Instant): Entry {
  if (entry.leaseUntil === null || entry.leaseUntil > now) return entry;
  return {
    ...entry,
    hold: holdWhile(entry.question, entry.hold),
    leaseUntil: null,
    question: entry.question && firstLookup(entry.question, now),
  };
}

/** A client that leaves before the cost is known may have spent the whole hold, so keep it until the provider reports. */
const holdWhile = (question: CostLookup | null, hold: MicroUsd): MicroUsd =>
  question && !question.isCostKnown ? hold : zeroMicroUsd;

/** Postgres committed the version that was sent. The entry may have changed since. */
export const committed = (entry: Entry, sent: SettledExchange): Entry => ({
  ...entry,
  committed: { revision: sent.revision, cost: sent.cost ?? entry.committed?.cost ?? zeroMicroUsd },
});

export const quarantined = (entry: Entry): Entry => ({ ...entry, isParked: true });

export const requeued = (entry: Entry): Entry =>
  entry.isParked ? { ...entry, isParked: false } : entry;

/** The settlement with the provider's record added. */
export function confirmed(entry: Entry, settlement: SettledExchange): Entry {
  const wasSettled = entry.settlement.revision === revisions.settled;
  const revision = wasSettled ? revisions.confirmed : revisions.recovered;
  return { ...entry, hold: zeroMicroUsd, settlement: { ...settlement, revision }, question: null };
}

/** The lookup found nothing. Once overdue, release the hold: an unavailable provider must not freeze a balance. */
export const costStillUnknown = (entry: Entry, next: StoredCostLookup | null): Entry => ({
  ...entry,
  hold: next && !isLate(next) ? entry.hold : zeroMicroUsd,
  question: next,
});
