import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { type ProviderId, providers } from '../../catalog/providers/registry.ts';

/** A question to a provider: what did this answer cost? */
export const CostLookup = z
  .object({
    provider: z.custom<ProviderId>((value) => typeof value === 'string' && value in providers),
    generation: z.string(),
    /** Then only what else the provider knows is of interest, and less is done for it. */
    isCostKnown: z.boolean(),
  })
  .readonly();
export type CostLookup = z.infer<typeof CostLookup>;

export const StoredCostLookup = z
  .object({
    ...CostLookup.unwrap().shape,
    tries: z.int().nonnegative(),
    /** Null: not while the answer is still running. */
    nextAt: Instant.nullable(),
    /** Since when it has been asked. */
    since: Instant.nullable(),
  })
  .readonly();
export type StoredCostLookup = z.infer<typeof StoredCostLookup>;

const FIRST_ASK_MS = 1_000;
/** Where the cost is known: three tries within a minute. */
const KNOWN_WAITS_MS = [5_000, 45_000] as const;
const WAIT_MS_MAX = 60 * 60 * 1000;
/** A provider that has not told by then never will. */
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

/** After a try that told nothing. Null: it is not asked again. */
export function nextLookup(question: StoredCostLookup, now: Instant): StoredCostLookup | null {
  const tries = question.tries + 1;
  const wait = question.isCostKnown
    ? KNOWN_WAITS_MS[question.tries]
    : Math.min(FIRST_ASK_MS * 2 ** tries, WAIT_MS_MAX);
  if (wait === undefined || now - (question.since ?? now) >= ASKED_MS_MAX) return null;
  return { ...question, tries, nextAt: later(now, wait) };
}

/** About half a minute: a provider that knows has told by then. */
const LATE_AFTER_TRIES = 5;

export const isLate = ({ tries }: StoredCostLookup): boolean => tries >= LATE_AFTER_TRIES;

const later = (now: Instant, ms: number): Instant => Instant.parse(now + ms);
