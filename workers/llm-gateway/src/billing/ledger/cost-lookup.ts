import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { type ProviderId, providers } from '../../catalog/providers/registry.ts';

/** A pending request to a provider for the cost of an answer. */
export const CostLookup = z
  .object({
    provider: z.custom<ProviderId>((value) => typeof value === 'string' && value in providers),
    generation: z.string(),
    /** If the cost is known, the lookup only adds details and gets fewer tries. */
    isCostKnown: z.boolean(),
  })
  .readonly();
export type CostLookup = z.infer<typeof CostLookup>;

export const StoredCostLookup = z
  .object({
    ...CostLookup.unwrap().shape,
    tries: z.int().nonnegative(),
    /** When to try next. Null while the answer is still running. */
    nextAt: Instant.nullable(),
    /** Time of the first try. */
    since: Instant.nullable(),
  })
  .readonly();
export type StoredCostLookup = z.infer<typeof StoredCostLookup>;

const FIRST_ASK_MS = 1_000;
/** If the cost is known: three tries within a minute. */
const KNOWN_WAITS_MS = [5_000, 45_000] as const;
const WAIT_MS_MAX = 60 * 60 * 1000;
/** A provider that has not reported the cost by then never will. */
const ASKED_MS_MAX = 24 * 60 * 60 * 1000;

/** While the answer is still running. */
export const notYetDue = (question: CostLookup): StoredCostLookup => ({
  ...question,
  tries: 0,
  nextAt: null,
  since: null,
});

export const firstLookup = (question: CostLookup, now: Instant): StoredCostLookup => ({
  provider: question.provider,
  generation: question.generation,
  isCostKnown: question.isCostKnown,
  tries: 0,
  nextAt: later(now, FIRST_ASK_MS),
  since: now,
});

/** The lookup after a try without a result. Null if it gives up. */
export function nextLookup(question: StoredCostLookup, now: Instant): StoredCostLookup | null {
  const tries = question.tries + 1;
  const wait = question.isCostKnown
    ? KNOWN_WAITS_MS[question.tries]
    : Math.min(FIRST_ASK_MS * 2 ** tries, WAIT_MS_MAX);
  if (wait === undefined || now - (question.since ?? now) >= ASKED_MS_MAX) return null;
  return { ...question, tries, nextAt: later(now, wait) };
}

/** About half a minute: a provider that knows the cost reports it by then. */
const LATE_AFTER_TRIES = 5;

export const isLate = ({ tries }: StoredCostLookup): boolean => tries >= LATE_AFTER_TRIES;

const later = (now: Instant, ms: number): Instant => Instant.parse(now + ms);
