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

/** What is known of an exchange, from nothing to everything. The higher one holds, in whatever order they arrive. */
export const revisions = {
  /** Nobody came back to say how it ended. */
  lost: 0,
  /** The same, but the provider told what it cost. */
  recovered: 1,
  /** Who answered it has said how it ended. */
  settled: 2,
  /** The same, with what the provider has told since. */
  confirmed: 3,
} as const;

/**
 * One exchange in a payer's ledger, from its reservation until Postgres has all there is to know. Every change is a function
 * from one entry to the next: what a message that comes twice, late or never does, is decided here.
 */
export const Entry = z
  .object({
    id: ExchangeId,
    /** False: whatever it costs is on the house. */
    isCharged: z.boolean(),
    /**
     * Kept back of the payer's money: until it has ended and its cost is known, or will not be known soon. At most what was left
     * when it began. 0: it holds nothing any more.
     */
    hold: MicroUsd,
    /** Null: it was written before worst cases were. Then `hold` is all that is known. */
    worstCase: MicroUsd.nullable().default(null),
    /** What exchanges like it usually cost. Counts within an overdraft only. */
    typicalCost: MicroUsd.nullable().default(null),
    /** Until then it lives without a word from who made it. Null: it is not running any more. */
    leaseUntil: Instant.nullable(),
    /** As it is to be written. While it runs: as it is to be written if nobody comes back. */
    settlement: SettledExchange,
    /** What Postgres has of it. */
    committed: z.object({ revision: z.int(), cost: MicroUsd }).readonly().nullable(),
    question: StoredCostLookup.nullable(),
    /** Postgres refuses it in every form. Somebody must look at it. */
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
/** Nothing is left to do: Postgres has it, and the provider has been asked. */
export const isDone = (entry: Entry): boolean =>
  !isRunning(entry) && !isOwed(entry) && entry.question === null;

/** What is owed of it beyond what Postgres has. */
export function unsettledOf(entry: Entry): number {
  const { cost } = entry.settlement;
  return isOwed(entry) && cost !== null ? cost - (entry.committed?.cost ?? 0) : 0;
}

/** All that it may still cost, also what it could not hold. */
export const worstCaseHeldFor = ({ hold, worstCase }: Entry): number =>
  hold === 0 ? 0 : (worstCase ?? hold);
export const typicalCostHeldFor = (entry: Entry): number =>
  Math.min(worstCaseHeldFor(entry), entry.typicalCost ?? Infinity);

/** It was charged more than it should have been able to cost. */
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

/** The provider's name for the answer is known: what it costs can be asked, whatever becomes of us. */
export const withGenerationId = (entry: Entry, question: CostLookup, leaseUntil: Instant): Entry =>
  isRunning(entry) ? { ...entry, question: notYetDue(question), leaseUntil } : entry;

export const renewed = (entry: Entry, leaseUntil: Instant): Entry =>
  isRunning(entry) ? { ...entry, leaseUntil } : entry;

/** It has ended, and this is how. Said again, or after it was given up for lost, it changes what it must and no more. */
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

/** Who was given up for lost may come back without knowing what the provider has told meanwhile. */
const withKnownCost = (settlement: SettledExchange, entry: Entry | null): SettledExchange => ({
  ...settlement,
  revision: revisions.settled,
  cost: settlement.cost ?? entry?.settlement.cost ?? null,
});

/** Nobody came back. What the provider can tell is asked; until it has, it cost nothing. */
export function leaseExpired(entry: Entry, now: Instant): Entry {
  if (entry.leaseUntil === null || entry.leaseUntil > now) return entry;
  return {
    ...entry,
    hold: holdWhile(entry.question, entry.hold),
    leaseUntil: null,
    question: entry.question && firstLookup(entry.question, now),
  };
}

/** Who hangs up before the cost is told has not spent nothing: until the provider has told, it may be all that was held. */
const holdWhile = (question: CostLookup | null, hold: MicroUsd): MicroUsd =>
  question && !question.isCostKnown ? hold : zeroMicroUsd;

/** Postgres has it as it was sent, which may be older than it is by now. */
export const committed = (entry: Entry, sent: SettledExchange): Entry => ({
  ...entry,
  committed: { revision: sent.revision, cost: sent.cost ?? entry.committed?.cost ?? zeroMicroUsd },
});

export const quarantined = (entry: Entry): Entry => ({ ...entry, isParked: true });

export const requeued = (entry: Entry): Entry =>
  entry.isParked ? { ...entry, isParked: false } : entry;

/** What the provider told, as a settlement of its own. */
export function confirmed(entry: Entry, settlement: SettledExchange): Entry {
  const wasSettled = entry.settlement.revision === revisions.settled;
  const revision = wasSettled ? revisions.confirmed : revisions.recovered;
  return { ...entry, hold: zeroMicroUsd, settlement: { ...settlement, revision }, question: null };
}

/** The provider did not tell. Late, it is not waited for any more: a provider that is away must not freeze a balance. */
export const costStillUnknown = (entry: Entry, next: StoredCostLookup | null): Entry => ({
  ...entry,
  hold: next && !isLate(next) ? entry.hold : zeroMicroUsd,
  question: next,
});
